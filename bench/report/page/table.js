"use strict";
// Sorts and filters the table of cells.
(() => {
	const missing = (text) => text === "" || text === "–";

	const sortable = (table, rows) => {
		const value = (row, column) => {
			const text = row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
			const number = Number(text);
			return missing(text) || Number.isNaN(number) ? text : number;
		};
		const compare = (a, b, sign) => {
			if (missing(a) || missing(b)) {
				return missing(a) - missing(b); // last in either order
			}
			return sign * (a < b ? -1 : a > b ? 1 : 0);
		};
		const heads = Array.from(table.tHead.rows[0].cells);
		heads.forEach((head, column) => {
			const button = document.createElement("button");
			button.type = "button";
			button.textContent = head.textContent;
			head.replaceChildren(button);
			button.addEventListener("click", () => {
				const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
				heads.forEach((other) => other.removeAttribute("aria-sort"));
				head.setAttribute("aria-sort", sign < 0 ? "descending" : "ascending");
				table.tBodies[0].append(...rows.toSorted((a, b) => compare(value(a, column), value(b, column), sign)));
			});
		});
		return heads.map((head) => head.dataset.key);
	};

	// keys has a key for each column that tells which cell a row is, undefined for the others.
	const filterable = (keys, rows) => {
		const compact = (text) => text.toLowerCase().replace(/\s+/g, "");
		const texts = rows.map((row) => Array.from(row.cells, (cell) => compact(cell.textContent)));
		const which = [...keys.keys()].filter((column) => keys[column]);
		// A word is key=value, a value that begins with a digit, or part of a text in the row.
		const fits = (cells, word) => {
			const [name, value] = word.split("=", 2);
			if (value !== undefined) {
				const column = keys.indexOf(name);
				return column >= 0 && cells[column] === value;
			}
			if (/^\d/.test(word)) {
				return which.some((column) => cells[column] === word);
			}
			return which.some((column) => cells[column].includes(word)) || cells.at(-1).includes(word);
		};
		const input = document.getElementById("filter"), status = document.getElementById("shown");
		const filter = () => {
			const asked = input.value.toLowerCase().replace(/(\d)\s+(?=[kmg]?i?b\b)/g, "$1").split(/[\s/]+/).filter(Boolean);
			rows.forEach((row, i) => {
				row.hidden = !asked.every((word) => fits(texts[i], word));
			});
			status.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} cells`;
		};
		input.closest(".filter").hidden = false;
		input.addEventListener("input", filter);
		filter();
	};

	const begin = () => {
		const table = document.getElementById("cells");
		if (table) {
			const rows = Array.from(table.tBodies[0].rows);
			filterable(sortable(table, rows), rows);
		}
	};
	begin();
	addEventListener("renewed", begin);
})();
