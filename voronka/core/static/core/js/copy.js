// Buttons that copy a value; where the browser can't, they stay hidden.
import { toast } from "./toasts.js";

export const startCopying = (root) => {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const note = toast(button.dataset.copied, "success");
      setTimeout(() => note.remove(), 2000);
    });
  }
};
