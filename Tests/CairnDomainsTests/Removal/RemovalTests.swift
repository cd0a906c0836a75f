import CairnCore
import CairnDomains
import CairnTesting
import Testing

struct RemovalTests {
    @Test func `truncations cover what one of them covers, and nothing else`() {
        var generator = SeededGenerator(seed: 51)
        for _ in 0..<300 {
            var truncations = Truncations()
            var all: [(position: UInt64, before: Int64)] = []
            var position: UInt64 = 0
            for _ in 0..<generator.below(8) {
                position += UInt64(1 + generator.below(5))
                let before = generator.draw(-5...20)
                all.append((position, before))
                truncations.take(
                    Removal(.before(Timestamp(nanoseconds: before)), at: .unixEpoch),
                    at: Position(rawValue: position)
                )
            }
            for place in UInt64(1)...50 {
                for instant in Int64(-6)...21 {
                    let isCovered = all.contains { $0.position > place && instant < $0.before }
                    #expect(
                        truncations.cover(
                            Position(rawValue: place),
                            at: Timestamp(nanoseconds: instant)
                        ) == isCovered
                    )
                }
            }
        }
    }

    @Test func `a removal of a stream is no truncation`() {
        var truncations = Truncations()
        truncations.take(Removal(.stream, at: .distantFuture), at: Position(rawValue: 9))
        #expect(truncations == Truncations())
        #expect(!truncations.cover(.first, at: .distantPast))
    }

    @Test func `a truncation is taken every time`() throws {
        let machine = TruncationMachine()
        let command = TruncationMachine.Command.truncate(before: .unixEpoch, by: "ada", reason: nil)
        let context = TurnContext(now: .distantFuture)
        let events = machine.decide(command, in: machine.initial, context: context)
        #expect(events == [Removal(.before(.unixEpoch), at: .distantFuture, by: "ada")])
        let state = machine.replay(events)
        #expect(state.count == 1 && state.last == events.first)
        #expect(machine.decide(command, in: state, context: context) == events)
    }

    @Test func `what is there is forgotten once, and what comes later again`() throws {
        let machine = TouchMachine()
        let context = TurnContext(now: .unixEpoch)
        let forget = TouchMachine.Command.forget(by: nil, reason: "asked for")
        #expect(machine.decide(forget, in: machine.initial, context: context) == [])
        let touch = try TouchSamples.touch(TouchSamples.uid(1), TouchSamples.attempt(), at: 1)
        var state = machine.replay([.logged(touch), .logged(touch)])
        #expect(state.rowCount == 2)
        let events = machine.decide(forget, in: state, context: context)
        #expect(events == [.removed(Removal(.stream, at: .unixEpoch, reason: "asked for"))])
        for event in events { machine.evolve(&state, by: event) }
        #expect(state.rowCount == 0 && state.forgottenCount == 2)
        #expect(machine.decide(forget, in: state, context: context) == [])
        machine.evolve(&state, by: .logged(touch))
        #expect(machine.decide(forget, in: state, context: context).count == 1)
        // A truncation in a user's stream is kept as what was last said, and covers nothing.
        machine.evolve(&state, by: .removed(Removal(.before(.distantFuture), at: .unixEpoch)))
        #expect(state.rowCount == 1 && state.forgottenCount == 2)
    }

    @Test func `a removal whose payload was erased still removes`() throws {
        let removal = Removal(.stream, at: .distantFuture, by: "ada", reason: "asked for")
        var frame = StoredFrame(try removal.newEvent())
        #expect(try frame.read(TouchMachine()) == .removed(removal))
        frame.isErased = true
        frame.payload = []
        #expect(
            try frame.read(TouchMachine()) == .removed(Removal(.stream, at: .distantFuture))
        )
    }

    @Test func `a removal says the kind it is about by its stream`() throws {
        let stream = try Removal.truncations(of: TouchMachine.streamKind)
        #expect(stream.name == "removal/touch")
    }

    @Test func `an entry of the list of removals is read as it was written, or stops`() throws {
        let entry = ListedRemoval(key: "PAGW-1/\u{E4}", eventCount: .max, at: .unixEpoch)
        func read(_ frame: StoredFrame) throws -> ListedRemoval? {
            try frame.open { header, frame throws(EventCodecError) in
                try ListedRemoval.read(header, frame: frame)
            }
        }
        var frame = StoredFrame(try entry.newEvent())
        #expect(try read(frame) == entry)
        frame.typeVersion = 2
        #expect(throws: EventCodecError.newerVersion(type: "removal.listed", version: 2)) {
            try read(frame)
        }
        // Without what it covers, nobody knows what is not to be seen.
        frame = StoredFrame(try entry.newEvent())
        frame.isErased = true
        frame.payload = []
        #expect(throws: EventCodecError.self) { try read(frame) }
        frame = StoredFrame(try entry.newEvent())
        frame.type = "removal.unheard"
        #expect(throws: EventCodecError.unknownType("removal.unheard")) { try read(frame) }
        frame.mayBeIgnored = true
        #expect(try read(frame) == nil)
        let truncation = Removal(.before(.unixEpoch), at: .unixEpoch)
        #expect(try read(StoredFrame(try truncation.newEvent())) == nil)
        // It stands beside the truncations of its kind, and is none.
        #expect(try StoredFrame(try entry.newEvent()).read(TruncationMachine()) == nil)
    }

    @Test func `a session is taken out of a list by its name`() throws {
        let session = try PromptSessionID("s-1")
        let event = try PromptSessionLink.removal(of: session, at: .unixEpoch)
        func read(_ frame: StoredFrame) throws -> PromptSessionID? {
            try frame.open { header, frame throws(EventCodecError) in
                try PromptSessionLink.removedSession(header, frame: frame)
            }
        }
        #expect(try read(StoredFrame(event)) == session)
        var frame = StoredFrame(event)
        frame.typeVersion = 9
        #expect(throws: EventCodecError.newerVersion(type: "session.unlinked", version: 9)) {
            try read(frame)
        }
        frame = StoredFrame(event)
        frame.payload = []
        #expect(throws: EventCodecError.self) { try read(frame) }
        let owner = try PromptSessionOwner(prompt: "p", user: "u")
        let link = PromptSessionLink(session: session, owner: owner, openedAt: .unixEpoch)
        #expect(try read(StoredFrame(try link.newEvent())) == nil)
    }

    @Test func `a session's removal takes all before it, and a truncation nothing`() throws {
        let machine = PromptSessionMachine()
        let owner = try PromptSessionOwner(prompt: "p", user: "u")
        let join = PromptEvent(
            uid: try PromptEventUID("ipe_1"),
            act: .join,
            promptTime: .zero,
            createdAt: .unixEpoch
        )
        let removal = Removal(.stream, at: .distantFuture, by: "ada")
        var state = machine.replay([.opened(owner, at: .unixEpoch), .happened(join)])
        machine.evolve(&state, by: .removed(Removal(.before(.distantFuture), at: .unixEpoch)))
        #expect(state.eventCount == 1 && state.anomalyCount == 1 && state.removal == nil)
        machine.evolve(&state, by: .removed(removal))
        #expect(state.owner == nil && state.joinedAt == nil && state.eventCount == 0)
        #expect(state.removedCount == 1 && state.removal == removal)
        machine.evolve(&state, by: .happened(join))
        machine.evolve(&state, by: .removed(removal))
        #expect(state.removedCount == 2)
        var frame = StoredFrame(try machine.newEvent(.removed(removal)))
        #expect(try frame.read(machine) == .removed(removal))
        frame.isErased = true
        frame.payload = []
        #expect(try frame.read(machine) == .removed(Removal(.stream, at: .distantFuture)))
    }
}
