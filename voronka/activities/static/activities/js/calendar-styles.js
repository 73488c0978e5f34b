// Runs before FullCalendar, which writes its rules into the page's <style data-fullcalendar>: all but the font of its signs, which the policy would
// refuse and we don't use.
const { sheet } = document.querySelector("style[data-fullcalendar]");
const insert = sheet.insertRule.bind(sheet);
sheet.insertRule = (rule, place) => (rule.startsWith("@font-face") ? place : insert(rule, Math.min(place, sheet.cssRules.length)));
