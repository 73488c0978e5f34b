"""Names and sentences of the demo company, made by us. Every list has a Russian and an English half."""

from __future__ import annotations

from typing import Any, Final

WORDS: Final[dict[str, dict[str, Any]]] = {
    "ru": {
        "company": "Светлый офис", "legal": "ООО «{}»", "zone": "Europe/Moscow", "currency": "RUB", "scale": 1000,
        "rates": {"USD": ("доллар США", 88.5), "EUR": ("евро", 96.2), "CNY": ("юань", 12.3)},
        "teams": ["Отдел продаж", "Группа «Север»", "Группа «Юг»"],
        "people": ["Анна Иванова", "Дмитрий Орлов", "Елена Смирнова", "Сергей Кузнецов", "Ольга Попова", "Иван Волков", "Мария Соколова",
                   "Павел Лебедев", "Наталья Козлова", "Алексей Новиков", "Ирина Морозова", "Татьяна Павлова"],
        "jobs": ["администратор", "директор", "руководитель продаж", "руководитель группы", "руководитель группы", "менеджер", "менеджер", "менеджер",
                 "менеджер", "менеджер", "маркетолог", "бухгалтер"],
        "roots": ["Альфа", "Вектор", "Горизонт", "Дельта", "Заря", "Импульс", "Кедр", "Лидер", "Маяк", "Нива", "Орион", "Прогресс", "Родник", "Сфера",
                  "Тайга", "Урал", "Фаворит", "Центр", "Эталон", "Юпитер", "Бриз", "Вега", "Гранит", "Исток"],
        "tails": ["Строй", "Торг", "Мед", "Пром", "Сервис", "Логистик", "Агро", "Инвест", "Групп", "Мебель", "Транс", "Тех"],
        "first": ["Александр", "Михаил", "Светлана", "Виктория", "Андрей", "Юлия", "Николай", "Екатерина", "Роман", "Галина", "Олег", "Людмила"],
        "last": ["Белоус", "Гончар", "Дурново", "Живаго", "Карпенко", "Матвиенко", "Савченко", "Ткач", "Фоменко", "Черных", "Шевченко", "Юхно"],
        "positions": ["директор", "закупщик", "офис-менеджер", "главный инженер", "финансовый директор"],
        "cities": ["Москва", "Санкт-Петербург", "Казань", "Екатеринбург", "Новосибирск", "Нижний Новгород", "Самара", "Краснодар", "Пермь", "Воронеж"],
        "street": "ул. {}, д. {}", "streets": ["Ленина", "Мира", "Садовая", "Заводская", "Советская", "Гагарина"],
        "territories": {"Россия": ["Центр", "Северо-Запад", "Поволжье", "Урал и Сибирь", "Юг"]},
        "industries": ["Строительство", "Торговля", "Медицина", "Производство", "Образование", "Логистика", "Финансы"],
        "sources": ["Сайт", "Выставка", "Рекомендация", "Холодный звонок", "Реклама", "Партнёр"],
        "groups": ["Розница", "Опт", "Бюджет"], "tags": ["важный", "тендер", "сеть", "холодный", "долгий цикл"],
        "priorities": ["высокий", "обычный", "низкий"], "roles": ["решает", "влияет", "пользуется", "платит"],
        "terms": [("Предоплата", 0, 0), ("14 дней", 14, 300000), ("30 дней", 30, 1000000)], "price_lists": ["Розничный", "Оптовый"],
        "fields": [
            ("partner", "Площадь офиса, м²", "number"), ("partner", "Договор до", "date"), ("partner", "Класс офиса", "choice", "A", "B", "C"),
            ("partner", "Закупает через тендер", "yes_no"), ("partner", "Кто рекомендовал", "partner"), ("contact", "Удобное время звонка", "text"),
            ("opportunity", "Дата монтажа", "date"), ("opportunity", "Дизайн-проект", "yes_no"),
        ],
        "times": ["до обеда", "после 15:00", "в любое время"], "why_frozen": "долг за прошлый год, ждём оплаты",
        "reasons": ["Цена", "Сроки", "Выбрали конкурента", "Проект отменён", "Нет бюджета", "Качество сервиса"],
        "interests": ["Кресла", "Столы", "Освещение", "Перегородки", "Сервис"], "levels": ["холодный", "тёплый", "горячий"],
        "products": ["Кресла для офиса", "Рабочие столы", "Освещение офиса", "Перегородки", "Мебель под ключ", "Обслуживание мебели"],
        "pipelines": {
            "Продажи": [("Первый контакт", 10, 10), ("Потребности", 25, 14), ("Предложение", 50, 15), ("Переговоры", 75, 14), ("Договор", 90, 10)],
            "Проекты": [("Замысел", 10, 25), ("Обследование", 30, 30), ("Смета", 55, 25), ("Тендер", 70, 30)],
        },
        "notes": ["Позвонили {who}: интерес есть, просят прислать каталог.", "Встретились в офисе клиента, показали образцы.",
                  "Отправили предложение, ответ обещали до пятницы.", "{who}: бюджет согласовывают, перезвонить через неделю.", "Не дозвонились, оставили сообщение.",
                  "Просят скидку 5 %, обсудили рассрочку.", "Согласовали сроки поставки.", "Прислали замечания к договору.", "Конкурент дал цену ниже, обсуждаем сервис."],
        "comments": ["попросили отложить", "увеличили состав", "убрали часть позиций", "согласовали цену", ""],
    },
    "en": {
        "company": "Bright Office", "legal": "{} LLC", "zone": "Europe/London", "currency": "USD", "scale": 15,
        "rates": {"GBP": ("pound sterling", 1.27), "EUR": ("euro", 1.09)},
        "teams": ["Sales", "Team North", "Team South"],
        "people": ["Anna Irving", "David Orwell", "Helen Smith", "Simon Cooper", "Olivia Pope", "Ian Wolfe", "Mary Falcon", "Paul Swan", "Nora Gold",
                   "Alex Newman", "Irene Frost", "Tina Palmer"],
        "jobs": ["administrator", "director", "head of sales", "team lead", "team lead", "salesperson", "salesperson", "salesperson", "salesperson",
                 "salesperson", "marketer", "accountant"],
        "roots": ["Alpha", "Vector", "Horizon", "Delta", "Dawn", "Impulse", "Cedar", "Leader", "Beacon", "Meadow", "Orion", "Progress", "Spring", "Sphere",
                  "Forest", "Summit", "Favour", "Centre", "Standard", "Jupiter", "Breeze", "Vega", "Granite", "Source"],
        "tails": [" Build", " Trade", " Medical", " Works", " Services", " Logistics", " Farms", " Invest", " Group", " Interiors", " Transport", " Tech"],
        "first": ["Alexander", "Michael", "Sophie", "Victoria", "Andrew", "Julia", "Nicholas", "Kate", "Roman", "Gail", "Oliver", "Lucy"],
        "last": ["Barker", "Gardner", "Durham", "Hart", "Carpenter", "Matthews", "Savage", "Weaver", "Foster", "Black", "Shepherd", "Young"],
        "positions": ["director", "buyer", "office manager", "chief engineer", "finance director"],
        "cities": ["London", "Manchester", "Leeds", "Bristol", "Glasgow", "Cardiff", "York", "Oxford", "Bath", "Derby"],
        "street": "{1} {0} Street", "streets": ["High", "Mill", "Garden", "Station", "Church", "Park"],
        "territories": {"Britain": ["South", "North", "Midlands", "Scotland", "Wales"]},
        "industries": ["Construction", "Retail", "Health care", "Manufacturing", "Education", "Logistics", "Finance"],
        "sources": ["Website", "Trade fair", "Referral", "Cold call", "Advertising", "Partner"],
        "groups": ["Retail", "Wholesale", "Public sector"], "tags": ["important", "tender", "chain", "cold", "long cycle"],
        "priorities": ["high", "usual", "low"], "roles": ["decides", "influences", "uses", "pays"],
        "terms": [("Prepayment", 0, 0), ("14 days", 14, 5000), ("30 days", 30, 15000)], "price_lists": ["Retail", "Wholesale"],
        "fields": [
            ("partner", "Floor space, m²", "number"), ("partner", "Contract until", "date"), ("partner", "Office class", "choice", "A", "B", "C"),
            ("partner", "Buys by tender", "yes_no"), ("partner", "Recommended by", "partner"), ("contact", "Best time to call", "text"),
            ("opportunity", "Fitting on", "date"), ("opportunity", "Interior design", "yes_no"),
        ],
        "times": ["before lunch", "after 3 pm", "any time"], "why_frozen": "last year's debt, waiting for payment",
        "reasons": ["Price", "Delivery time", "Chose a competitor", "Project cancelled", "No budget", "Quality of service"],
        "interests": ["Chairs", "Desks", "Lighting", "Partitions", "Service"], "levels": ["cold", "warm", "hot"],
        "products": ["Office chairs", "Desks", "Office lighting", "Partitions", "Turnkey interior", "Furniture care"],
        "pipelines": {
            "Sales": [("First contact", 10, 10), ("Needs", 25, 14), ("Quotation", 50, 15), ("Negotiation", 75, 14), ("Contract", 90, 10)],
            "Projects": [("Idea", 10, 25), ("Survey", 30, 30), ("Estimate", 55, 25), ("Tender", 70, 30)],
        },
        "notes": ["Called {who}: interested, wants a catalogue.", "Met at the customer's office, showed samples.", "Sent the quotation, an answer is promised by Friday.",
                  "{who}: the budget is being approved, call back in a week.", "No answer, left a message.", "They ask for 5 % off; we discussed instalments.",
                  "Agreed on delivery dates.", "Sent remarks on the contract.", "A competitor is cheaper; we discuss service."],
        "comments": ["asked to postpone", "added items", "took items out", "agreed on the price", ""],
    },
}  # fmt: skip
ROLES: Final = [
    "administrator", "director", "head-of-sales", "head-of-sales", "head-of-sales", "salesperson", "salesperson", "salesperson", "salesperson", "salesperson",
    "marketer", "accountant",
]  # fmt: skip
LOGINS: Final = [
    "anna",
    "director",
    "sales",
    "north",
    "south",
    "ivan",
    "maria",
    "pavel",
    "natalia",
    "alexey",
    "marketing",
    "accounts",
]
# Who sits in which team: 0 the department, 1 and 2 the groups below it.
TEAMS: Final = [0, 0, 0, 1, 2, 1, 1, 2, 2, 1, 0, 0]
SELLERS: Final = {3: 1.0, 4: 0.95, 5: 1.15, 6: 0.8, 7: 1.25, 8: 0.7, 9: 1.0}
# How good the leads of each source are, in the order of the lists.
SOURCE_QUALITY: Final = [1.0, 0.8, 1.5, 0.6, 0.75, 1.3]
PASSWORD: Final = "voronka-demo"  # noqa: S105  (printed on purpose)
