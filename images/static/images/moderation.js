/* Keyboard shortcuts of the moderators' pages, and prepared notes. The pages also work
   without this script. Shortcuts work only outside of fields, and can be turned off
   (WCAG 2.1.4). */
"use strict";

{
    const SWITCHED_OFF = "moderation-shortcuts-off";
    const FIELDS = "input, textarea, select, [contenteditable]";

    function followNotes(fieldset) {
        const note = fieldset.form.elements.note;
        const options = [...fieldset.querySelectorAll("[data-note]")];
        fieldset.addEventListener("change", (event) => {
            // Keep a note that the moderator typed.
            if (!note.value || options.some((option) => option.dataset.note === note.value)) {
                note.value = event.target.dataset.note ?? "";
            }
        });
    }

    function requireNote(form) {
        // The reason "Other" explains nothing, so the mail needs a note.
        form.addEventListener("change", () => {
            const { reason, note, no_mail: noMail } = form.elements;
            note.required = reason.value === "other" && !noMail.checked;
        });
    }

    function sendOnce(form) {
        form.addEventListener("submit", (event) => {
            if (form.dataset.sent) {
                event.preventDefault();
            }
            form.dataset.sent = "yes";
        });
    }

    function use(target) {
        if (target instanceof HTMLFormElement) {
            target.requestSubmit();
        } else if (target instanceof HTMLAnchorElement) {
            target.click();
        } else {
            const fields = target.querySelector(":checked") ?? target.querySelector("input");
            fields.focus();
        }
    }

    function listen(isOn) {
        document.addEventListener("keydown", (event) => {
            if (event.key === "Escape" && document.activeElement.matches(FIELDS)) {
                document.activeElement.blur();
                return;
            }
            const modified = event.ctrlKey || event.metaKey || event.altKey || event.repeat;
            if (modified || !isOn() || event.target.matches(FIELDS)) {
                return;
            }
            const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
            if (target) {
                event.preventDefault();
                use(target);
            }
        });
    }

    document.querySelectorAll("fieldset.reasons").forEach((reasons) => {
        followNotes(reasons);
        requireNote(reasons.form);
    });
    document.querySelectorAll(".moderation main form[method=post]").forEach(sendOnce);
    const toggle = document.querySelector("#shortcuts");
    if (toggle) {
        toggle.checked = !localStorage.getItem(SWITCHED_OFF);
        toggle.addEventListener("change", () => {
            if (toggle.checked) {
                localStorage.removeItem(SWITCHED_OFF);
            } else {
                localStorage.setItem(SWITCHED_OFF, "yes");
            }
        });
        listen(() => toggle.checked);
        toggle.hidden = false;
    }
    // Have screen readers say the outcome of the last decision.
    document.querySelector("#outcome[tabindex]")?.focus();
    // A page from the browser's back-forward cache may send its form again.
    addEventListener("pageshow", () => {
        document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    });
}
