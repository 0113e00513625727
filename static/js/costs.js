// What only the page of costs has: its filter counts at once.

const form = document.querySelector("[data-costs-filter]");
form?.addEventListener("change", () => form.requestSubmit());
// Nothing that is not asked for stays in the address.
form?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});
