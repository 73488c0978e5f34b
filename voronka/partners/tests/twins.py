"""A made base of partners with known duplicates, written the way people write: for the tests and for measuring."""

import random

from voronka.partners import rules
from voronka.partners.models import Address, Contact, Partner

HEADS = (
    "строй техно агро авто мебель свет металл пром энерго транс тепло водо газ нефте хим фарм мед био эко лес дерево стекло пласт поли термо электро гидро пневмо "
    "аэро радио теле инфо софт дата кибер нано мега макро микро опт торг снаб комплект сервис монтаж ремонт проект дизайн арт медиа пресс принт "
    "текстиль одежда обувь текс продукт молоко мясо хлеб рыба овощ фрукт чай кофе вино сыр аква спорт тур отель вояж карго логист экспресс финанс кредит"
).split()
TAILS = (
    "инвест сервис торг альянс групп трейд маш монтаж проект ресурс союз центр мастер комплект снаб сталь люкс профи стандарт плюс лайн дом град мир парк база "
    "ком контракт партнер консалт системс технолоджи индустрия холдинг пром экспорт импорт маркет"
).split()
WORDS = (
    "ромашка василек береза клен рябина вектор орион гарант прогресс союз континент меридиан каскад импульс эталон горизонт пилот факел магнит титан сапфир кристалл "
    "янтарь гранит бастион авангард витязь сокол беркут ястреб кедр дубрава заря рассвет восход полюс зенит спектр призма оптима фаворит лидер атлант гефест аполлон "
    "гермес меркурий сатурн юпитер нептун посейдон олимп парнас эльбрус казбек алтай байкал ангара енисей амур лена печора двина онега ладога нева волга кама ока"
).split()
SYLLABLES = "ва ве ви во га ге да де ди до жи за зо ка ке ки ко ла ле ли ло лю ма ме ми мо на не ни но па пе по ра ре ри ро са се си со та те ти то фа фо ха хо ша".split()
ENDS = "рис рон мекс текс нэт лон дон вит тек лайн рус фит строй мед кон тор вест".split()
SECTORS = (
    "завод комбинат фабрика торговый дом компания холдинг агентство мастерская студия ателье типография пекарня клиника лаборатория автосервис автоцентр салон магазин склад"
).split()
SURNAMES = (
    "иванов смирнов кузнецов попов васильев петров соколов михайлов новиков федоров морозов волков алексеев лебедев семенов егоров павлов козлов степанов николаев орлов "
    "андреев макаров никитин захаров зайцев соловьев борисов яковлев григорьев романов воробьев сергеев кузьмин фролов александров дмитриев королев гусев киселев ильин "
    "максимов поляков сорокин виноградов ковалев белов медведев антонов тарасов жуков баранов филиппов комаров давыдов беляев герасимов богданов осипов сидоров матвеев"
).split()
NAMES = "александр сергей андрей дмитрий алексей иван михаил николай павел егор артем максим роман олег игорь юрий виктор антон денис кирилл".split()
FATHERS = "александрович сергеевич андреевич дмитриевич алексеевич иванович михайлович николаевич павлович петрович викторович юрьевич".split()
CITIES = "москва казань самара пермь уфа тверь рязань тула омск томск сочи псков курск орел брянск калуга вологда ижевск саратов тюмень".split()
STREETS = "ленина мира садовая лесная советская гагарина пушкина кирова заводская новая школьная победы труда речная полевая южная северная весенняя".split()
FORMS = ["ООО", "АО", "ПАО", "ООО", "ООО"]
SCHEMES = (
    {
        "х": "kh",
        "ц": "ts",
        "ч": "ch",
        "щ": "shch",
        "ы": "y",
        "й": "y",
        "ю": "yu",
        "я": "ya",
        "ж": "zh",
        "э": "e",
        "ш": "sh",
    },
    {
        "х": "h",
        "ц": "c",
        "ч": "ch",
        "щ": "sch",
        "ы": "y",
        "й": "i",
        "ю": "iu",
        "я": "ia",
        "ж": "zh",
        "э": "e",
        "ш": "sh",
    },
    {
        "х": "h",
        "ц": "ts",
        "ч": "ch",
        "щ": "sch",
        "ы": "i",
        "й": "j",
        "ю": "ju",
        "я": "ja",
        "ж": "zh",
        "э": "e",
        "ш": "sh",
    },
)
PLAIN = dict(zip("абвгдеёзиклмнопрстуф", "abvgdeeziklmnoprstuf", strict=True)) | {"ь": "", "ъ": ""}


def inn(number):
    text = f"{number:09d}"
    return text + str(sum(int(d) * w for d, w in zip(text, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=True)) % 11 % 10)


def bare_name(dice):
    """(name without its form, form): as in a registry of companies, many made of the same parts."""
    luck = dice.random()
    if luck < 0.2:
        return f"{dice.choice(SURNAMES)} {dice.choice(NAMES)} {dice.choice(FATHERS)}".title(), "ИП"
    if luck < 0.45:
        text = (
            dice.choice(HEADS).title()
            + dice.choice([dice.choice(HEADS), dice.choice(TAILS)])
            + dice.choice(["", dice.choice(TAILS)])
        )
    elif luck < 0.6:
        text = f"{dice.choice(SECTORS).title()} {dice.choice(WORDS)}-{dice.choice([*CITIES, *TAILS])}"
    elif luck < 0.75:
        text = f"{dice.choice(WORDS).title()} {dice.choice([*TAILS, *HEADS]).title()} {dice.choice(['', dice.choice(CITIES).title()])}".strip()
    else:
        text = (
            "".join(dice.choice(SYLLABLES) for _ in range(dice.choice([2, 3]))) + dice.choice(ENDS)
        ).title() + dice.choice(["", " " + dice.choice(TAILS)])
    return text, dice.choice(FORMS)


def made_base(size, seed=7, share=0.05):
    """(rows, true pairs): `share` of the partners stand a second time; some different ones share an office, a bookkeeper, a site or a tax ID with another KPP."""
    dice, rows, pairs, seen = random.Random(seed), [], set(), set()
    while len(rows) < size:
        bare, form = bare_name(dice)
        if bare in seen and dice.random() < 0.9:
            continue  # one in ten of equal names stays: two companies may be called the same
        seen.add(bare)
        rows.append(_row(dice, len(rows), bare, form))
    for _n in range(size // 50):
        _share(dice, *dice.sample(rows, 2))
    for place in dice.sample(range(size), int(size * share)):
        pairs.add((place, len(rows)))
        rows.append(written_again(rows[place], dice))
    return rows, pairs


def _row(dice, n, bare, form):
    site = "".join(PLAIN.get(letter, "") for letter in bare.lower())[:12] + f"{n}.example"
    return {
        "bare": bare, "form": form, "name": f"{form} «{bare}»", "tax_id": inn(500000000 + n * 7) if dice.random() < 0.75 else "", "kpp": "",
        "phone": f"+7{dice.choice([495, 843, 846, 912, 916, 925])}{(n * 7919) % 10**7:07d}" if dice.random() < 0.9 else "",
        "email": f"{dice.choice(['info', 'office', 'sales'])}@{site}" if dice.random() < 0.8 else "", "website": site if dice.random() < 0.55 else "",
        "city": dice.choice(CITIES).title(), "street": f"ул. {dice.choice(STREETS).title()}, д. {dice.randint(1, 150)}, оф. {dice.randint(1, 60)}" if dice.random() < 0.6 else "",
    }  # fmt: skip


def _share(dice, one, other):
    """Two different companies with something in common."""
    kind = dice.choice(["office", "bookkeeper", "phone", "site", "branch"])
    if kind == "office":
        other["city"], other["street"] = one["city"], one["street"]
    elif kind == "bookkeeper":
        other["email"] = one["email"]
    elif kind == "phone":
        other["phone"] = one["phone"]
    elif kind == "site":
        other["website"] = one["website"]
    elif one["tax_id"]:
        other |= {
            "tax_id": one["tax_id"],
            "kpp": "770701001",
            "bare": one["bare"] + " филиал",
            "name": f"{one['name']} филиал",
        }
        one["kpp"] = "500101001"


def written_again(row, dice):
    """The same company as somebody else types it: another spelling of the name, some of the keys, written otherwise."""
    bare, form = row["bare"], row["form"]
    spelling = dice.choice(["moved", "typo", "typo", "two typos", "latin", "latin", "same", "no form", "caps", "order"])
    name = {
        "moved": f"{bare}, {form}", "typo": f"{form} {typo(bare, dice)}", "two typos": f'{form} "{typo(typo(bare, dice), dice)}"',
        "latin": f"{latin(bare, dice)} {dice.choice(['LLC', 'Ltd', ''])}".strip(), "same": f'{form} "{bare}"', "no form": bare, "caps": f"{form} {bare}".upper(),
        "order": f"{form} {' '.join(reversed(bare.split()))}",
    }[spelling]  # fmt: skip
    again = {
        "bare": bare,
        "form": form,
        "name": name,
        "tax_id": "",
        "kpp": "",
        "phone": "",
        "email": "",
        "website": "",
        "city": "",
        "street": "",
    }
    chances = {"tax_id": 0.5, "phone": 0.75, "email": 0.5, "website": 0.4, "street": 0.4}
    kept = {key for key, chance in chances.items() if row[key] and dice.random() < chance}
    if len(kept - {"website", "street"}) == 0 or ("typo" in spelling and kept < {"phone", "email"} and len(kept) < 1):
        kept |= {key for key in ("phone", "email", "tax_id") if row[key]}
    for key in kept:
        again[key] = row[key]
    if again["phone"]:
        again["phone"] = other_phone(again["phone"], dice)
    if again["email"]:
        again["email"] = again["email"].title()
    if again["website"]:
        again["website"] = dice.choice(["https://www.{}/contacts", "http://{}", "www.{}", "{}/"]).format(
            again["website"].upper()
        )
    if again["street"]:
        again |= {
            "city": f"г. {row['city']}",
            "street": row["street"].replace("ул. ", "улица ").replace("д. ", "дом ").replace("оф. ", "офис "),
        }
    return again


def other_phone(phone, dice):
    code, rest = phone[2:5], phone[5:]
    ways = [
        "8 ({0}) {1}-{2}-{3}",
        "+7 {0} {1} {2} {3}",
        "8{0}{1}{2}{3}",
        "7{0}{1}{2}{3}",
        "8-{0}-{1}-{2}-{3}",
        "+7({0}){1}{2}{3}",
    ]
    return dice.choice(ways).format(code, rest[:3], rest[3:5], rest[5:])


def typo(text, dice):
    place = dice.randrange(1, len(text) - 1)
    changed = dice.choice(["drop", "double", "swap", "other"])
    if changed == "drop":
        return text[:place] + text[place + 1 :]
    if changed == "double":
        return text[:place] + text[place] + text[place:]
    if changed == "swap":
        return text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]
    return text[:place] + dice.choice("оаиенрст") + text[place + 1 :]


def latin(text, dice):
    scheme = PLAIN | dice.choice(SCHEMES)
    return "".join(scheme.get(letter, letter) for letter in text.lower()).title()


def write(rows, owner):
    """Put the rows into the database as the forms and the importer would store them; returns their keys. Every fifth phone is a contact's."""
    dice = random.Random(1)
    made, contacts, addresses = [], [], []
    for row in rows:
        values = {name: row[name] for name in ("name", "tax_id", "kpp", "website")} | {"email": row["email"].lower()}
        phone = rules.phone_e164(row["phone"]) if row["phone"] else ""
        of_contact = bool(phone) and dice.random() < 0.2
        partner = Partner(owner=owner, phone="" if of_contact else phone, **values)
        made.append(partner)
        if of_contact:
            contacts.append(Contact(partner=partner, name="Anna", phone=phone))
        if row["street"]:
            addresses.append(Address(partner=partner, city=row["city"], street=row["street"]))
    for model, records in ((Partner, made), (Contact, contacts), (Address, addresses)):
        for start in range(0, len(records), 2000):
            model.objects.bulk_create(records[start : start + 2000])
    return [partner.pk for partner in made]
