extension ReportPage {
    /// Tells what a request, an event and a state hold.
    static let scriptRequest = #"""
        // One request: its lanes, its state after any of its events, and its events.
        let current = null;
        const eventColumns = (k) => {
          const first = R.firstEvent[k];
          const at = (j) => first + j;
          const isOneDay = parts(began[k]).day === parts(began[k] + took[k]).day;
          const widest = (least, values) => {
            let most = 8;
            for (let j = 0; j < R.events[k]; j++) most = Math.max(most, values(at(j)).length);
            const wide = Math.min(Math.round(most * 8.5) + 6, 200);
            return "minmax(" + Math.min(least, wide) + "px, " + wide + "px)";
          };
          let isNumbered = false, isFine = false;
          for (let j = 0; j < R.events[k]; j++) {
            if (Number(E.number[at(j)]) !== j + 1) isNumbered = true;
            if (E.created[at(j)] % 1000) isFine = true;
          }
          return [
            { label: "event", width: "40px", end: true, cell: (j) => String(j + 1) },
            isNumbered && { label: "number", width: "52px", end: true,
              cell: (j) => String(E.number[at(j)]) },
            isOneDay ? { label: parts(began[k]).day, width: isFine ? "116px" : "92px", cell: (j) => clock(E.created[at(j)]) }
              : { label: "created at", width: isFine ? "190px" : "166px", cell: (j) => moment(E.created[at(j)]) },
            { label: laneNoun, width: widest(96, (event) => lanes[E.lane[event]]),
              cell: (j) => name(word(E.given[at(j)]) || lanes[E.lane[at(j)]]) },
            { label: streams ? "name" : "event type",
              width: widest(160, (event) => words[E.type[event]]), cell: (j) => name(words[E.type[at(j)]]) },
            isWorkTold && { label: "status",
              width: widest(150, (event) => words[E.status[event]] + "xx"), cell: (j) => statusNode(words[E.status[at(j)]]) },
            isWorkTold && { label: "try", width: "24px", end: true,
              cell: (j) => String(E.attempt[at(j)]) },
            isWorkTold && { label: "took", width: "58px", end: true,
              cell: (j) => milliseconds(E.duration[at(j)]) },
            !isWorkTold && { label: "document", width: "minmax(150px, 2fr)",
              cell: (j) => el("bdi", { class: "mono" }, shown(documentText(at(j)))) },
            (isWorkTold || data.anomalies.length > 0) && { label: "error, anomalies", width: "minmax(150px, 1fr)", cell: (j) => oddities(at(j)) },
          ].filter((c) => c);
        };
        function documentText(event) {
          if (E.metadata[event] === null) return "";
          const row = data.metadata[E.metadata[event]];
          return row[0] < 0 ? words[row[1]] : data.shapes[row[0]]
            .map((key, at) => words[key] + ": " + words[row[at + 1]]).join(", ");
        }
        function oddities(event) {
          const parts = [];
          const code = word(E.code[event]), message = word(E.message[event]);
          if (code !== null || message !== null) {
            const text = [code, message].filter((one) => one !== null).map(shown).join(": ");
            parts.push(el("span", { class: "s-failed", title: text }, el("bdi", {}, text)), " ");
          }
          for (const kind of anomalyNames(E.anomalies[event])) {
            parts.push(el("span", { class: "s-wait", title: anomalyTexts[kind] }, "\u25b3 " + kind), " ");
          }
          return parts.length ? el("span", {}, parts) : "";
        }
        function slotText(kind, value, isShort) {
          if (value === null || value === undefined) return "-";
          switch (kind) {
          case "word": return name(words[value]);
          case "time": return isShort ? clock(value) : moment(value);
          case "flag": return value ? "yes" : "no";
          case "milliseconds": return milliseconds(value);
          }
          return String(value);
        }
        // Fields of which it helps to see what they were before.
        const toldBefore = ["stage", "event_type", "status", "attempt", "retryable", "next_retry_at",
          "terminal", "open_starts", "error_stage", "error_code", "error_message"];
        const readable = (text) => text.replace(/[_.]/g, " ");
        // The state as fields; what the last event changed is marked, with what was there before.
        function stateNode(k, j) {
          const now = stateAfter(k, j + 1), before = stateAfter(k, j);
          const fields = el("dl", { class: "fields", id: "state" });
          data.requestSlots.forEach(([slot, kind], index) => {
            const value = now.request[index], old = before.request[index];
            const isCount = slot.startsWith("anomalies.");
            if (value === null || (isCount && !value)) return;
            const isNew = value !== old;
            const shownValue = slot === "status" ? statusNode(words[value]) : slotText(kind, value);
            fields.append(
              el("dt", {}, el("span", { class: "mark" }, isNew ? "\u2022" : ""), readable(slot)),
              el("dd", { "data-slot": slot, class: isNew ? "new" : null }, shownValue,
                isNew && old !== null && toldBefore.includes(slot)
                  ? el("span", { class: "was" }, " was ", slotText(kind, old)) : null));
          });
          return fields;
        }
        // The same of a machine's own state: its members, and where there are very many, those first
        // that the last event changed.
        const membersMost = 400;
        function membersNode(k, j) {
          const now = stateAfter(k, j + 1).members, before = stateAfter(k, j).members;
          const isNew = (member) => now.get(member) !== before.get(member);
          const all = [...new Set([...now.keys(), ...before.keys()])].sort((a, b) => a - b);
          const changed = all.filter(isNew);
          const isShort = all.length > membersMost;
          const told = !isShort ? all
            : changed.concat(all.filter((one) => !isNew(one))).slice(0, membersMost);
          const text = (value) => (value === undefined ? "-" : name(words[value], "mono"));
          const fields = el("dl", { class: "fields", id: "state" }, told.map((member) => [
            el("dt", {}, el("span", { class: "mark" }, isNew(member) ? "\u2022" : ""),
              name(streams.members[member])),
            el("dd", { "data-slot": streams.members[member], class: isNew(member) ? "new" : null },
              text(now.get(member)),
              isNew(member) && before.has(member)
                ? el("span", { class: "was" }, " was ", text(before.get(member))) : null),
          ]));
          return el("div", {}, fields, isShort ? el("p", { class: "small soft" },
            count(all.length - told.length) + " more members are not shown.") : null);
        }
        function stagesNode(k, j) {
          const now = stateAfter(k, j + 1);
          const own = data.lanes[E.lane[R.firstEvent[k] + j]];
          const order = data.lanes.filter((lane) => now.stages.has(lane));
          const index = Object.fromEntries(data.stageSlots.map(([slot], at) => [slot, at]));
          const value = (lane, slot) => now.stages.get(lane)[index[slot]];
          const text = (lane, slot) =>
            slotText(data.stageSlots[index[slot]][1], value(lane, slot), true);
          return el("table", { id: "stages" },
            el("thead", {}, el("tr", {}, [laneNoun, "status", "try", "failed", "took"].map((label, at) =>
              el("th", { scope: "col", class: at > 1 ? "end" : null }, label)))),
            el("tbody", {}, order.map((lane) => el("tr", {},
              el("td", { title: shown(words[lane]) },
                el("span", { class: "mark" }, lane === own ? "\u2022" : ""), name(words[lane]),
                el("div", { class: "small soft", style: "padding-left:1em" },
                  "started ", text(lane, "started_at"), ", ended ", text(lane, "ended_at"))),
              el("td", {}, statusNode(words[value(lane, "status")])),
              el("td", { class: "end" }, text(lane, "attempt")),
              el("td", { class: "end" }, text(lane, "failure_count")),
              el("td", { class: "end" }, text(lane, "duration_ms"))))));
        }
        function eventNode(k, j) {
          const event = R.firstEvent[k] + j;
          const fields = el("dl", { class: "fields", id: "event" });
          const put = (label, value) => {
            if (value === null || value === undefined || value === "") return;
            fields.append(el("dt", {}, label), el("dd", {}, value));
          };
          const text = (number) => (number === null ? null : name(words[number]));
          put(streams ? "name" : "event type", text(E.type[event]));
          put("status", statusNode(words[E.status[event]]));
          put(laneNoun, name(word(E.given[event]) || lanes[E.lane[event]]));
          if (isWorkTold) put("attempt", String(E.attempt[event]));
          put("created at", moment(E.created[event]));
          if (E.recorded[event] !== E.created[event]) put("recorded at", moment(E.recorded[event]));
          put("took", milliseconds(E.duration[event]));
          put("started at", moment(E.started[event]));
          put("completed at", moment(E.completed[event]));
          put("next retry at", moment(E.retry[event]));
          if (!E.retryable[event]) put("retryable", "no");
          put("error code", text(E.code[event]));
          put("error message", text(E.message[event]));
          put("worker", text(E.worker[event]));
          put("service", text(E.service[event]));
          put("external reference", text(E.reference[event]));
          put("tenant of its own", text(E.tenant[event]));
          for (const kind of anomalyNames(E.anomalies[event])) {
            put("anomaly", kind + ": " + anomalyTexts[kind]);
          }
          if (E.metadata[event] !== null) {
            const row = data.metadata[E.metadata[event]];
            if (row[0] < 0) put(streams ? "document" : "metadata", name(words[row[1]], "mono"));
            else data.shapes[row[0]].forEach((key, at) =>
              put(name(words[key]), name(words[row[at + 1]], "mono")));
          }
          put("number, position", E.number[event] + ", " + E.position[event]);
          return fields;
        }
        function callouts(k) {
          const nodes = [];
          const slot = (key) => slotOf(key)[k];
          const message = word(slot("error_message")), code = word(slot("error_code"));
          if (slot("error_stage") !== null) {
            nodes.push(el("p", { class: "callout bad" },
              el("b", {}, "\u2715 ", name(code === null ? "failed" : code)), " in ",
              name(words[slot("error_stage")]), ", attempt " + slot("error_attempt") + ", ",
              moment(slot("error_created_at")), message === null ? "" : [": ", name(message)]));
          }
          if (isStuck[k]) {
            nodes.push(el("p", { class: "callout warn" }, el("b", {}, "Stuck"), " since " +
              moment(R.since[k]) + ", for " + span(scope.now - R.since[k]) + ": " +
              (reasonTexts[words[R.reason[k]]] || words[R.reason[k]]) + ", in ",
            name(words[slot("stage")])));
          }
          const kinds = data.anomalies.filter((kind) => slot("anomalies." + kind) > 0);
          if (kinds.length) {
            nodes.push(el("p", { class: "callout" }, el("b", {}, "\u25b3 Odd: "), kinds.map((kind, at) => [
              at ? "; " : "", kind + " \u00d7" + slot("anomalies." + kind) + ", " + anomalyTexts[kind]])));
          }
          return nodes;
        }
        function requestFacts(k) {
          const slot = (key) => slotOf(key)[k];
          return [statusNode(finalStatus[k]), finalStatus[k] ? " in " : "last event in ",
            name(words[slot("stage")]), " \u00b7 ",
            counted(R.events[k], "event"), " \u00b7 ", moment(began[k]), " to ",
            moment(began[k] + took[k]), " " + zoneName(began[k]) + " (" + span(took[k]) + ")",
            !isEndTold ? null : slot("terminal") ? " \u00b7 ended" : " \u00b7 not ended",
            streams ? null : [" \u00b7 tenant ", name(words[R.tenant[k]])]].filter((one) => one);
        }
        // The stages of the pipeline that the request was in none of.
        function unreachedNode(model) {
          if (!data.definedLanes) return null;
          const missed = lanes.slice(0, data.definedLanes).filter((_, lane) => !model.rowOf.has(lane));
          const all = missed.concat(data.unreached);
          return all.length ? el("p", { class: "small soft", style: "margin-top:6px" }, "Not reached: ",
            all.map((stage, at) => [at ? ", " : "", name(stage)])) : null;
        }
        function lanesLabel(k) {
          return "Lanes of " + shown(requestName(k)) + ": " + counted(R.events[k], "event") + ", " +
            counted(R.failures[k], "failure") + "; the table of events has all of it";
        }
        """#
}
