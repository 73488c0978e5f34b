// Passkeys are offered where the browser has them; what it refuses is told on the page and not only in the console.
for (const button of document.querySelectorAll("[data-passkey]")) button.hidden = !window.PublicKeyCredential;
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelector("[data-passkey-failed]").hidden = false;
});
