extension ReportPage {
    /// Tables of any length.
    static let scriptGrid = #"""
        // A table of any length: only the rows in sight are in the document.
        const lineHeight = 30;
        function grid(options) {
          const template = options.columns.map((c) => c.width).join(" ");
          const columns = "grid-template-columns:" + template;
          const head = el("div", { class: "head", role: "row", style: columns });
          const body = el("div", { class: "body", role: "rowgroup" });
          const scroll = el("div",
            { class: "scroll", tabindex: "0", role: "grid", "aria-label": options.label },
            el("div", { class: "grid", role: "presentation" },
              el("div", { role: "rowgroup", class: "headgroup" }, head), body));
          const id = options.id;
          let rows = [];
          let selected = -1;
          let frame = 0;
          let order = null;
          function drawHead() {
            head.replaceChildren(...options.columns.map((c) => {
              const isSorted = order !== null && order.name === c.name;
              const label = c.label + (isSorted ? (order.isDown ? " \u2193" : " \u2191") : "");
              return el("div", {
                role: "columnheader", class: c.end ? "end" : null,
                "aria-sort": isSorted ? (order.isDown ? "descending" : "ascending") : null,
              }, options.onSort && c.sort
                ? el("button", { type: "button", onclick: () => options.onSort(c) }, label) : label);
            }));
          }
          function line(index) {
            const node = el("div", {
              class: "line1" + (options.kind ? " " + options.kind(rows[index]) : ""), role: "row",
              id: id + "-" + index, "aria-rowindex": index + 2,
              "aria-selected": index === selected ? "true" : "false",
              style: columns + ";top:" + index * lineHeight + "px",
              onclick: () => { select(index); if (options.onClick) options.onClick(rows[index], index); },
              ondblclick: () => options.onOpen && options.onOpen(rows[index], index),
            });
            for (const c of options.columns) {
              const kind = c.end ? "end" : null;
              const cell = el("div", { role: "gridcell", class: kind }, c.cell(rows[index]));
              // What there is no room for can be read by pointing at it.
              cell.title = cell.textContent;
              node.append(cell);
            }
            return node;
          }
          function draw() {
            frame = 0;
            const height = scroll.clientHeight || 600;
            const first = Math.max(0, Math.floor(scroll.scrollTop / lineHeight) - 6);
            const last = Math.min(rows.length, Math.ceil((scroll.scrollTop + height) / lineHeight) + 6);
            const lines = [];
            for (let index = first; index < last; index++) lines.push(line(index));
            if (rows.length === 0) lines.push(el("div", { class: "empty" }, options.emptyText));
            body.replaceChildren(...lines);
            if (selected >= 0) scroll.setAttribute("aria-activedescendant", id + "-" + selected);
          }
          function later() { if (!frame) frame = requestAnimationFrame(draw); }
          function select(index, isQuiet) {
            if (index < 0 || index >= rows.length) return;
            selected = index;
            const top = index * lineHeight;
            const room = scroll.clientHeight - lineHeight;
            if (top < scroll.scrollTop) scroll.scrollTop = top;
            else if (top + lineHeight > scroll.scrollTop + room) {
              scroll.scrollTop = top + lineHeight - room;
            }
            draw();
            if (!isQuiet && options.onMove) options.onMove(rows[index], index);
          }
          scroll.addEventListener("scroll", later, { passive: true });
          scroll.addEventListener("keydown", (press) => {
            if (press.target !== scroll) return;
            const page = Math.max(1, Math.floor(scroll.clientHeight / lineHeight) - 2);
            const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
            if (press.key in moves) {
              select(Math.max(0, Math.min(rows.length - 1, selected + moves[press.key])));
            } else if (press.key === "Home") select(0);
            else if (press.key === "End") select(rows.length - 1);
            else if (press.key === "Enter" && selected >= 0 && options.onOpen) {
              options.onOpen(rows[selected], selected);
            } else return;
            press.preventDefault();
            press.stopPropagation();
          });
          return {
            node: scroll,
            get rows() { return rows; },
            get selected() { return selected; },
            fill(newRows, newOrder) {
              rows = newRows;
              order = newOrder || null;
              selected = Math.min(selected, rows.length - 1);
              scroll.setAttribute("aria-rowcount", rows.length + 1);
              body.style.height = Math.max(rows.length * lineHeight, 60) + "px";
              drawHead();
              draw();
            },
            select, draw,
          };
        }
        // The same as a plain table of all rows, for paper.
        const printedRowsMost = 5000;
        function printedTable(columns, rows) {
          const shownRows = rows.slice(0, printedRowsMost);
          const table = el("table", {},
            el("thead", {}, el("tr", {}, columns.map((c) =>
              el("th", { scope: "col", class: c.end ? "end" : null }, c.label)))),
            el("tbody", {}, shownRows.map((row) => el("tr", {}, columns.map((c) =>
              el("td", { class: c.end ? "end" : null }, c.cell(row)))))));
          const rest = rows.length - shownRows.length;
          const note = rest > 0 ? count(rest) + " more rows are in the page itself." : "";
          return el("div", {}, table, el("p", { class: "soft" }, note));
        }
        """#
}
