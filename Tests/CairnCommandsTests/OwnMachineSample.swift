import Cairn

// The sample of the article on embedding; ``OwnMachineTests`` compares it with the lines between
// the marks.

// begin
struct Seats: StoredMachine {
    struct State: Hashable, Sendable { var sold = 0 }
    enum Command: Sendable { case sell(Int) }
    struct Sold: Hashable, Sendable { var count: Int, at: Timestamp }
    enum Rejection: Error { case soldOut }

    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Sold] {
        guard case .sell(let count) = command, (1...100).contains(count), state.sold + count <= 100
        else { throw .soldOut }
        return [Sold(count: count, at: context.now)]
    }

    func evolve(_ state: inout State, by event: Sold) { state.sold += event.count }

    func newEvent(_ event: Sold) throws(LimitError) -> NewEvent {
        try NewEvent(
            type: "seats.sold",
            occurredAt: event.at,
            codec: .json,
            payload: Array("\(event.count)".utf8)
        )
    }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Sold? {
        let type = header.type(in: frame)
        guard type == "seats.sold" else { throw .unknownType(type) }
        let payload = String(decoding: frame.extracting(header.payloadRange).array(), as: UTF8.self)
        guard let count = Int(payload), (1...100).contains(count) else {
            throw .malformed(type: type, reason: "it has no count of seats")
        }
        return Sold(count: count, at: header.occurredAt)
    }
}
// end

// begin
func sell(_ count: Int, of concert: String, in journal: LMDBJournal) async throws -> Int {
    let seats = StreamFold(Seats(), of: try StreamID(kind: StreamKind("seats"), key: concert))
    let events = try await journal.engineTurn { scope throws(EngineError<Seats.Rejection>) in
        var folded = seats.start
        return try seats.turn(.sell(count), on: &folded, in: scope)
    }
    print("sold", events.map(\.count))
    return try await seats.folded(in: journal).state.sold
}
// end
