"use strict";
// Sorts and filters the table of cells.
(() => {
	const table = document.getElementById("cells");
	if (!table) {
		return;
	}
	const body = table.tBodies[0];
	const status = document.getElementById("shown");
	const input = document.getElementById("filter");
	const rows = Array.from(body.rows);
	const value = (row, column) => {
		const text = row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
		const number = Number(text);
		return text === "" || Number.isNaN(number) ? text : number;
	};
	const compare = (a, b, sign) => {
		if (typeof a === typeof b) {
			return sign * (a < b ? -1 : a > b ? 1 : 0);
		}
		return typeof a === "number" ? -1 : 1; // what was not measured stands last, either way
	};
	Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
		const button = document.createElement("button");
		button.type = "button";
		button.textContent = head.textContent;
		head.replaceChildren(button);
		button.addEventListener("click", () => {
			const down = head.getAttribute("aria-sort") === "ascending";
			for (const other of table.tHead.rows[0].cells) {
				other.removeAttribute("aria-sort");
			}
			head.setAttribute("aria-sort", down ? "descending" : "ascending");
			const sorted = rows.slice().sort((a, b) => compare(value(a, column), value(b, column), down ? -1 : 1));
			body.append(...sorted);
		});
	});
	const filter = () => {
		const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
		let shown = 0;
		for (const row of rows) {
			// 50MiB finds 50 MiB.
			const text = Array.from(row.cells, (cell) => cell.textContent.toLowerCase()).flatMap((text) => [text, text.replace(/\s+/g, "")]).join(" ");
			row.hidden = !words.every((word) => text.includes(word));
			shown += row.hidden ? 0 : 1;
		}
		status.textContent = `${shown} of ${rows.length} cells`;
	};
	input.closest(".filter").hidden = false;
	input.addEventListener("input", filter);
	filter();
})();
