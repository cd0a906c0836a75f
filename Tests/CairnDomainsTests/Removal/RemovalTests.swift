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
}
