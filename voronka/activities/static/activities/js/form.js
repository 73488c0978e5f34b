// The form of an activity: subjects follow their type, a chosen partner brings its main contact.
const place = document.querySelector("[data-activity-form]");
const form = place.closest("form");
const field = (name) => form.elements[name];

const showSubjects = () => {
  const type = field("type").value;
  for (const option of field("subject").options) option.hidden = option.disabled = Boolean(option.value) && option.dataset.of !== type;
  if (field("subject").selectedOptions[0]?.disabled) field("subject").value = "";
};

const fillContact = async () => {
  const contact = field("contact").tomselect;
  contact?.clear(true);
  contact?.clearOptions();
  if (!field("partner").value) return;
  const answer = await fetch(`${place.dataset.partnerValues}?partner=${encodeURIComponent(field("partner").value)}`);
  const found = answer.ok ? (await answer.json()).contact : null;
  if (!found || !contact) return;
  contact.addOption(found);
  contact.setValue(found.value, true);
};

form.addEventListener("change", (event) => {
  if (event.target.name === "type") showSubjects();
  if (event.target.name === "partner") fillContact();
});
showSubjects();
