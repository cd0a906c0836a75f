import Cairn

enum Lockers {
    /// Counts what happens to things of some sort.
    struct Counter<Thing: InspectableMachine>: InspectableMachine {
        struct State: Hashable, Sendable { var count = 0 }

        var streamKind: StreamKind { StreamKind("counter") }
        var initial: State { State() }

        func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Int? { 1 }
        func evolve(_ state: inout State, by event: Int) { state.count += event }
        func passOver(_ state: inout State) {}

        func event(
            from document: JSONValue,
            at instant: Timestamp
        ) throws(EventDocumentError) -> Int { 1 }
    }

    /// A locker that people open, and that jams.
    struct Locker: InspectableMachine {
        enum Event: Hashable, Sendable {
            case opened(by: String, until: Timestamp)
            case jammed(code: Int, note: String)
            case labelled([String: String])
            case closed
        }

        struct State: Hashable, Sendable {
            var holder: String?
            var until: Timestamp?
            var isJammed = false
            var codes: [Int] = []
            var labels: [String: String] = [:]
            var openingCount = 0
        }

        var streamKind: StreamKind { StreamKind("locker") }
        var initial: State { State() }
        /// Whether it stays jammed when it is closed.
        var sticks = true

        func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
            let type = header.type(in: frame)
            guard let document = try? JSONValue.parse(frame.extracting(header.payloadRange)),
                let event = try? event(from: document, at: header.occurredAt)
            else { throw .malformed(type: type, reason: "it is no event of a locker") }
            return event
        }

        func evolve(_ state: inout State, by event: Event) {
            switch event {
            case .opened(let holder, let until):
                (state.holder, state.until) = (holder, until)
                state.openingCount += 1
            case .jammed(let code, _):
                state.isJammed = true
                state.codes.append(code)
            case .labelled(let labels): state.labels = labels
            case .closed:
                state.holder = nil
                if !sticks { state.isJammed = false }
            }
        }

        func passOver(_ state: inout State) {}

        func isWord(_ text: String) -> Bool { ["#1", "a \\#(b)"].contains(text) }

        func event(
            from document: JSONValue,
            at instant: Timestamp
        ) throws(EventDocumentError) -> Event {
            if document == .string("closed") { return .closed }
            if let opened = document["opened"] {
                guard case .string(let holder)? = opened["by"],
                    case .string(let text)? = opened["until"],
                    let until = try? Timestamp(rfc3339: text)
                else { throw .wrongValue(member: "opened", expected: "a holder and a time") }
                return .opened(by: holder, until: until)
            }
            if let jammed = document["jammed"] {
                guard case .number(let text)? = jammed["code"], let code = Int(text),
                    case .string(let note)? = jammed["note"]
                else { throw .wrongValue(member: "jammed", expected: "a code and a note") }
                return .jammed(code: code, note: note)
            }
            guard case .object(let members)? = document["labelled"] else {
                throw .unknown(member: document.description)
            }
            var labels: [String: String] = [:]
            for case let member in members {
                if case .string(let text) = member.value { labels[member.key] = text }
            }
            return .labelled(labels)
        }
    }
}
