import CairnCore
import CairnDomains

/// An item whose commands all come from the one who holds it, as its runner gives them: under the
/// fence of the last attempt, without which nearly all would be refused.
struct HeldItem: StoredMachine {
    private let rules = ItemMachine()

    var initial: ItemState { rules.initial }

    func decide(
        _ command: ItemCommand,
        in state: ItemState,
        context: TurnContext
    ) throws(ItemRefusal) -> [ItemEvent] {
        let held = TurnContext(
            now: context.now,
            clockNow: context.clockNow,
            seed: context.seed,
            fence: state.current?.fence.rawValue ?? 0
        )
        return try rules.decide(command, in: state, context: held)
    }

    func evolve(_ state: inout ItemState, by event: ItemEvent) { rules.evolve(&state, by: event) }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> ItemEvent? {
        try rules.event(header, frame: frame)
    }

    func newEvent(_ event: ItemEvent) throws(LimitError) -> NewEvent { try rules.newEvent(event) }

    func passOver(_ state: inout ItemState) { rules.passOver(&state) }
}
