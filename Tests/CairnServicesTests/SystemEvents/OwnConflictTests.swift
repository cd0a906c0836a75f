import Cairn
import Testing

/// A door that is opened and closed by its own rules.
private struct Door: ConflictTelling {
    enum Command: Sendable { case open, close, knock }
    enum Event: Hashable, Sendable { case opened, closed }
    enum Rejection: Error { case isOpen, isClosed, nobodyThere }

    let initial = false

    func decide(
        _ command: Command,
        in state: Bool,
        context: TurnContext
    ) throws(Rejection) -> [Event] {
        switch (command, state) {
        case (.open, false): return [.opened]
        case (.close, true): return [.closed]
        case (.open, true): throw .isOpen
        case (.close, false): throw .isClosed
        case (.knock, _): throw .nobodyThere
        }
    }

    func evolve(_ state: inout Bool, by event: Event) { state = event == .opened }

    func newEvent(_ event: Event) throws(LimitError) -> NewEvent {
        let type = event == .opened ? "door.opened" : "door.closed"
        return try NewEvent(type: type, occurredAt: .unixEpoch, payload: [])
    }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
        header.type(in: frame) == "door.opened" ? .opened : .closed
    }

    func conflict(
        of command: Command,
        refusedFor rejection: Rejection,
        in state: Bool
    ) -> AtomicUpdateConflict? {
        switch rejection {
        case .nobodyThere: nil
        case .isOpen, .isClosed:
            AtomicUpdateConflict(
                operation: "\(command)",
                expectedStatus: state ? "closed" : "open",
                actualStatus: state ? "open" : "closed",
                newStatus: command == .open ? "open" : "closed"
            )
        }
    }
}

/// Machines of a caller's own tell their conflicts as Cairn's do.
struct OwnConflictTests {
    @Test(arguments: ConflictSite.Kind.allCases)
    func `a refused command of an own machine is recorded, and its turn goes on without it`(
        kind: ConflictSite.Kind
    ) async throws {
        let site = try ConflictSite(kind)
        let door = StreamFold(Door(), of: try StreamID(kind: StreamKind("door"), key: "1"))
        func ask(_ command: Door.Command) async throws {
            _ = try await site.journal.engineTurn { scope throws(EngineError<Door.Rejection>) in
                var folded = door.start
                return try door.turnTellingConflicts(command, on: &folded, in: scope)
            }
        }
        try await site.taken(1) { try await ask(.open) }
        try await site.refused(EngineError<Door.Rejection>.refused(.isOpen)) {
            try await ask(.open)
        }
        try await site.taken(0) {
            await #expect(throws: EngineError<Door.Rejection>.refused(.nobodyThere)) {
                try await ask(.knock)
            }
        }
        #expect(
            try await site.conflicts() == [
                #"{"operation":"open","expected_status":"closed","actual_status":"open","#
                    + #""new_status":"open","stream":"door/1"}"#
            ]
        )
    }
}
