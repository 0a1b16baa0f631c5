"use strict";
// The page is whole without this: it sorts and filters the table, opens what a
// link leads to, and prints what is folded.
(() => {
	const table = document.getElementById("cells");
	if (table) {
		const body = table.tBodies[0];
		const status = document.getElementById("shown");
		const input = document.getElementById("filter");
		const rows = Array.from(body.rows);
		const value = (row, column) => {
			const text = row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
			const number = Number(text);
			return text === "" || Number.isNaN(number) ? text : number;
		};
		const compare = (a, b) => {
			if (typeof a === typeof b) {
				return a < b ? -1 : a > b ? 1 : 0;
			}
			return typeof a === "number" ? -1 : 1; // what was not measured stands last
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
				const sorted = rows.slice().sort((a, b) => compare(value(a, column), value(b, column)) * (down ? -1 : 1));
				body.append(...sorted);
			});
		});
		const filter = () => {
			const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
			let shown = 0;
			for (const row of rows) {
				const text = " " + row.textContent.toLowerCase().replace(/\s+/g, " ");
				row.hidden = !words.every((word) => text.includes(word));
				shown += row.hidden ? 0 : 1;
			}
			status.textContent = `${shown} of ${rows.length} cells`;
		};
		input.closest(".filter").hidden = false;
		input.addEventListener("input", filter);
		filter();
	}
	const reveal = () => {
		const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
		if (!target) {
			return;
		}
		target.hidden = false;
		for (let at = target.parentElement; at; at = at.parentElement) {
			if (at instanceof HTMLDetailsElement) {
				at.open = true;
			}
		}
		target.scrollIntoView();
	};
	addEventListener("hashchange", reveal);
	reveal();
	addEventListener("beforeprint", () => {
		for (const details of document.querySelectorAll("details")) {
			details.open = true;
		}
	});
})();
