extension ReportPage {
    /// Reads the data, and applies the changes of states that it tells.
    static let scriptData = #"""
        // The data: columns become arrays, differences become values.
        const data = JSON.parse(document.getElementById("data").textContent);
        const words = data.words;
        function column(source, count) {
          if (source === null || typeof source !== "object") return new Array(count).fill(source);
          if (Array.isArray(source)) return source;
          const values = new Array(count).fill(source.d);
          let at = 0;
          for (let k = 0; k < source.i.length; k++) {
            at += source.i[k];
            values[at] = source.v[k];
          }
          return values;
        }
        function columns(source, count) {
          const all = {};
          for (const name of Object.keys(source)) all[name] = column(source[name], count);
          return all;
        }
        function summed(values) {
          let sum = 0;
          return values.map((value) => (sum += Number(value)));
        }
        const requestCount = data.requestCount;
        const eventCount = data.eventCount;
        const R = columns(data.requests, requestCount);
        const E = columns(data.events, eventCount);
        E.created = summed(E.created);
        E.position = summed(E.position);
        for (const name of ["recorded", "retry", "started", "completed"]) {
          E[name] = E[name].map((value, k) => (value === null ? null : E.created[k] + Number(value)));
        }
        const S = columns(data.spans, data.spanCount);
        const stageBase = data.stageBase;
        const scope = data.scope;
        const buckets = data.buckets;
        const lanes = data.lanes.map((word) => words[word]);
        R.firstEvent = [];
        R.firstSpan = [];
        for (let k = 0, event = 0, span = 0; k < requestCount; k++) {
          R.firstEvent.push(event);
          R.firstSpan.push(span);
          event += R.events[k];
          span += R.spans[k];
        }
        // What is listed: requests of a pipeline, or streams of another machine. Of the latter, what
        // nothing tells is not shown: whether work fails or is stuck, how streams end, what is odd.
        const streams = data.streams || null;
        const noun = streams ? "stream" : "request", laneNoun = streams ? "lane" : "stage";
        const titled = (text) => text[0].toUpperCase() + text.slice(1);
        const isWorkTold = !streams || E.status.some((status) => words[status] !== "");
        const isEndTold = !streams || streams.ends;
        const word = (number) => (number === null || number === undefined ? null : words[number]);
        const requestName = (k) => words[R.id[k]];
        // The request that an event belongs to: the last one that begins at it or before.
        function requestOf(event) {
          let low = 0, high = requestCount - 1;
          while (low < high) {
            const middle = (low + high + 1) >> 1;
            if (R.firstEvent[middle] <= event) low = middle; else high = middle - 1;
          }
          return low;
        }
        function anomalyNames(bits) {
          return data.anomalies.filter((_, kind) => bits & (1 << kind));
        }

        // States: what the machine's fold said, told as differences from event to event.
        const absentStage = () => new Array(data.stageSlots.length).fill(null);
        function emptyState() {
          return { request: new Array(data.requestSlots.length).fill(null), stages: new Map(),
            members: new Map() };
        }
        function apply(state, event) {
          const pattern = data.changes[E.change[event]];
          const laneWord = data.lanes[E.lane[event]];
          const stage = state.stages.get(laneWord) || absentStage();
          state.stages.set(laneWord, stage);
          for (let k = 0; k < pattern.length; k += 3) {
            if (streams && pattern[k] >= streams.memberBase) {
              const member = pattern[k] - streams.memberBase;
              if (pattern[k + 1] === 0) state.members.delete(member);
              else state.members.set(member, pattern[k + 2]);
              continue;
            }
            const isOfStage = pattern[k] >= stageBase;
            const slots = isOfStage ? stage : state.request;
            const slot = isOfStage ? pattern[k] - stageBase : pattern[k];
            const number = pattern[k + 2];
            switch (pattern[k + 1]) {
            case 0: slots[slot] = null; break;
            case 1: slots[slot] = number; break;
            case 2: slots[slot] = Number(slots[slot] || 0) + number; break;
            case 3: slots[slot] = E.created[event] + Number(number); break;
            case 4: slots[slot] = E[data.columns[number]][event]; break;
            case 5: slots[slot] = Number(slots[slot] || 0) + E.duration[event]; break;
            case 6: slots[slot] = laneWord; break;
            }
          }
        }
        function copied(state) {
          const stages = new Map();
          for (const [key, values] of state.stages) stages.set(key, values.slice());
          return { request: state.request.slice(), stages, members: new Map(state.members) };
        }
        const kept = { request: -1, states: [] };
        const keptEvery = 256;
        // The state of a request after so many of its events, as they were recorded.
        function stateAfter(k, count) {
          if (kept.request !== k) { kept.request = k; kept.states = [emptyState()]; }
          const first = R.firstEvent[k];
          let index = Math.min(Math.floor(count / keptEvery), kept.states.length - 1);
          let state = copied(kept.states[index]);
          for (let done = index * keptEvery; done < count; done++) {
            if (done > 0 && kept.states.length * keptEvery === done) kept.states.push(copied(state));
            apply(state, first + done);
          }
          return state;
        }

        // Facts of requests that the list shows and filters by.
        const slotOf = (name) => R["s." + name];
        const finalStatus = slotOf("status").map(word);
        const isStuck = R.reason.map((reason) => reason !== null);
        const isFailed = R.failures.map((count) => count > 0);
        const isOdd = slotOf("anomaly_count").map((count) => count > 0);
        const isRetried = new Array(requestCount).fill(false);
        for (let k = 0; k < requestCount; k++) {
          const end = R.firstSpan[k] + R.spans[k];
          for (let s = R.firstSpan[k]; s < end && !isRetried[k]; s++) {
            if (S.kind[s] === 1) isRetried[k] = true;
          }
          if (Number(slotOf("attempt_max")[k]) > 1) isRetried[k] = true;
        }
        const isUnfinished = finalStatus.map((status, k) =>
          !slotOf("terminal")[k] && !(status === "COMPLETED" || status === "SKIPPED"));
        const began = slotOf("first_created_at");
        const took = slotOf("last_created_at").map((last, k) => last - began[k]);
        """#
}
