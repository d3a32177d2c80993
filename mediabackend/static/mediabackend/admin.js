/* Gives each cell of a list the name of its column, which cards show: see admin.css.
   Completes markup of Django's. */
"use strict";

for (const table of document.querySelectorAll("#result_list, .wide table, #change-history table")) {
    const names = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    for (const row of table.tBodies[0].rows) {
        for (const [place, cell] of [...row.cells].entries()) {
            cell.dataset.column = names[place] ?? "";
        }
    }
}

// The labels of Django's selectors are on a span without a role.
addEventListener("load", () => {
    for (const icon of document.querySelectorAll(".selector .help-tooltip[aria-label]")) {
        icon.setAttribute("role", "img");
    }
});
