extension ReportPage {
    /// Decides what is shown, and names it in the address.
    static let scriptMain = #"""
        // What is shown, where one is, and the keys.
        const settings = { query: "", filter: "all", sort: "began", down: false, bucket: null, group: null,
          even: false };
        const place = { request: null, event: null };
        let list = null, rows = [], fleet = null, chips = [];
        function scopeText() {
          const parts = [];
          if (scope.named) parts.push("named " + noun + "s");
          if (scope.since !== null || scope.until !== null) {
            parts.push(noun + "s under way" +
              (scope.since === null ? "" : " from " + moment(scope.since)) +
              (scope.until === null ? "" : " before " + moment(scope.until)));
          }
          for (const name of ["tenant", "status", "stage", "where"]) {
            if (scope[name] !== null) parts.push(name + " " + shown(scope[name]));
          }
          parts.push("up to position " + count(scope.position), "now is " + moment(scope.now),
            isWorkTold && (scope.deadlines ? "stuck by deadlines, else" : "stuck") + " after " +
              span(scope.olderThan),
            (streams ? "streams of " : "pipeline ") + shown(scope.pipeline),
            "times in " + zoneName(scope.now));
          return parts.filter((one) => one).join(" \u00b7 ");
        }
        function titleText() {
          const from = scope.since === null ? scope.first : scope.since;
          const to = scope.until === null ? Math.max(from, scope.last) : scope.until;
          if (scope.named && requestCount === 1) return shown(requestName(0));
          const end = parts(from).day === parts(to).day ? clock(to) : moment(to);
          return (scope.since === null && scope.until === null ? "" : "Incident ") + moment(from) +
            " to " + end + " " + zoneName(from);
        }
        function showFleet() {
          current = null;
          byID("title").textContent = titleText();
          byID("subtitle").textContent = scopeText();
          chips = filters.map(([id, label, kind, fits]) => {
            let number = 0;
            for (let k = 0; k < requestCount; k++) if (fits(k)) number++;
            return el("button", { type: "button", class: "tile " + (number ? kind : ""), "data-filter": id,
              onclick: () => choose({ filter: settings.filter === id ? "all" : id }) },
              el("b", {}, count(number)), el("span", {}, label));
          });
          const search = el("input", { type: "search", id: "search", value: settings.query,
            placeholder: streams ? "Search keys, lanes, events, errors and what events say"
              : "Search ids, stages, types, errors, workers, metadata", spellcheck: "false",
            "aria-label": "Search the " + noun + "s", oninput: () => {
              settings.query = search.value;
              clearTimeout(search.timer);
              search.timer = setTimeout(() => refill(), eventCount > 20000 ? 180 : 60);
            } });
          list = grid({
            id: "requests", label: titled(noun) + "s", columns: listColumns,
            emptyText: "No such " + noun + "s.",
            onSort: (c) => {
              if (settings.sort === c.name) settings.down = !settings.down;
              else { settings.sort = c.name; settings.down = c.name !== "id" && c.name !== "began"; }
              refill();
            },
            onClick: (k) => go({ request: k, event: null }), onOpen: (k) => go({ request: k, event: null }),
          });
          list.node.style.maxHeight = "max(360px, 78vh)";
          fleet = fleetNode();
          const findings = findingsNode();
          byID("main").replaceChildren(
            el("div", { class: "tiles", role: "group", "aria-label": "Filters" }, chips,
              el("div", { class: "tile" }, el("b", {}, count(eventCount)), el("span", {}, "Events"))),
            findings ? el("div", { class: "split" }, fleet.node, findings) : fleet.node,
            el("section", { class: "panel", id: "listpanel" },
              el("div", { class: "row controls", style: "margin-bottom:10px" },
                el("h2", { id: "listtitle", style: "min-width:12em" }),
                el("div", { class: "grow" }, search), el("span", { id: "chosen", class: "row" })),
              list.node));
          fleet.draw();
          refill();
        }
        // Lists again what the search, the filters and the order say.
        function refill() {
          rows = listed();
          list.fill(rows, { name: settings.sort, isDown: settings.down });
          byID("listtitle").textContent = rows.length === requestCount ? counted(requestCount, noun)
            : count(rows.length) + " of " + counted(requestCount, noun);
          for (const chip of chips) {
            chip.setAttribute("aria-pressed", String(chip.dataset.filter === settings.filter));
          }
          const undo = (text, change) =>
            el("button", { type: "button", onclick: () => choose(change), title: "Take this away" },
              name(text), " \u2715");
          const group = settings.group === null ? null : data.failures[settings.group];
          byID("chosen").replaceChildren(...[
            settings.bucket !== null && undo("from " + moment(bucketStart(settings.bucket)),
              { bucket: null }),
            group && undo(lanes[group.lane] + " \u00b7 " +
              (group.code === null ? "without a code" : words[group.code]), { group: null }),
          ].filter((one) => one));
          say(byID("listtitle").textContent);
          remember();
        }
        function choose(change) {
          Object.assign(settings, change);
          if ("query" in change) byID("search").value = change.query;
          refill();
          fleet.draw();
          if (!("filter" in change)) byID("listpanel").scrollIntoView({ block: "nearest" });
        }
        function neighbour(step) {
          const known = rows.length ? rows : Array.from({ length: requestCount }, (_, k) => k);
          const at = known.indexOf(place.request) + step;
          if (at >= 0 && at < known.length) go({ request: known[at], event: null });
          else say("no further " + noun);
        }
        // The fragment of the address names the moment that is shown, so that a link leads there.
        function fragment() {
          const named = new URLSearchParams();
          if (place.request !== null) {
            named.set("request", requestName(place.request));
            if (current) named.set("event", current.at + 1);
          }
          if (settings.query) named.set("search", settings.query);
          if (settings.filter !== "all") named.set("filter", settings.filter);
          const theme = document.documentElement.dataset.theme;
          if (theme) named.set("theme", theme);
          if (isLocal) named.set("zone", "local");
          return named.toString();
        }
        let rememberTimer = 0;
        function remember() {
          clearTimeout(rememberTimer);
          rememberTimer = setTimeout(() => {
            try { history.replaceState(null, "", "#" + fragment()); } catch (refusal) { /* no history */ }
          }, 250);
        }
        function go(change) {
          Object.assign(place, change);
          show();
          try { history.pushState(null, "", "#" + fragment()); } catch (refusal) { /* no history */ }
          window.scrollTo(0, 0);
        }
        function show() {
          if (place.request === null) { showFleet(); } else { showRequest(place.request, place.event); }
        }
        function readFragment() {
          const named = new URLSearchParams(location.hash.slice(1));
          const id = named.get("request");
          const k = id === null ? -1 : R.id.findIndex((number) => words[number] === id);
          place.request = k >= 0 ? k : scope.named && requestCount === 1 && !named.has("all") ? 0 : null;
          const event = Number(named.get("event"));
          place.event = Number.isInteger(event) && event > 0 ? event - 1 : null;
          settings.query = named.get("search") || "";
          const filter = named.get("filter");
          settings.filter = filters.some(([one]) => one === filter) ? filter : "all";
          settings.even = named.get("scale") === "even";
          isLocal = named.get("zone") === "local";
          setTheme(named.get("theme"));
          byID("zone").textContent = isLocal ? "Local time" : "UTC";
          byID("zone").setAttribute("aria-pressed", String(isLocal));
        }
        function setTheme(theme) {
          const known = theme === "dark" || theme === "light" ? theme : null;
          if (known) document.documentElement.dataset.theme = known;
          else delete document.documentElement.dataset.theme;
          byID("theme").textContent = known === null ? "Theme" : known === "dark" ? "Dark" : "Light";
        }
        function nextTheme() {
          const now = document.documentElement.dataset.theme;
          setTheme(now === undefined ? "light" : now === "light" ? "dark" : null);
          remember();
        }
        function switchZone() {
          isLocal = !isLocal;
          byID("zone").textContent = isLocal ? "Local time" : "UTC";
          byID("zone").setAttribute("aria-pressed", String(isLocal));
          if (current) place.event = current.at;
          show();
        }
        """#
}
