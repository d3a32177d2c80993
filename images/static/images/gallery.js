/* Selecting in the gallery of images: by a click on a picture, and with the arrow keys.
   The admin's own script selects a range when Shift is pressed. */
"use strict";

{
    const body = document.querySelector("#result_list tbody");
    const boxes = [...(body?.querySelectorAll("input.action-select") ?? [])];
    const boxOf = (element) => element.closest("tr").querySelector("input.action-select");

    // How many pictures stand in the first row.
    function columns() {
        const tops = boxes.map((box) => box.closest("tr").offsetTop);
        return tops.filter((top) => top === tops[0]).length;
    }

    const STEPS = {
        ArrowLeft: () => -1,
        ArrowRight: () => 1,
        ArrowUp: () => -columns(),
        ArrowDown: columns,
    };

    body?.addEventListener("click", (event) => {
        if (event.target.closest(".field-tile")) {
            const box = boxOf(event.target);
            box?.focus({preventScroll: true});
            box?.click();
        }
    });
    body?.addEventListener("keydown", (event) => {
        const place = boxes.indexOf(event.target);
        if (place < 0) {
            return;
        }
        if (event.key === "Enter") {
            event.preventDefault();
            event.target.closest("tr").querySelector(".field-caption_start a").click();
        } else if (STEPS[event.key]) {
            event.preventDefault();
            boxes[place + STEPS[event.key]()]?.focus();
        }
    });
}
