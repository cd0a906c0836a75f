internal import CairnCore
internal import CairnDomains

/// An item as far as its events were read.
struct FoldedItem: Sendable {
    private static let machine = ItemMachine()

    private(set) var state = ItemState()
    /// The sequence of the last event taken; zero before the first.
    private(set) var sequence = SequenceNumber.zero
    /// Where its first event stands.
    private(set) var position = Position.zero
    /// When the last event happened.
    private(set) var updatedAt = Timestamp.unixEpoch

    /// Takes the next event of the item's stream.
    ///
    /// - Parameters:
    ///   - header: The event's header.
    ///   - frame: Its frame.
    ///   - isWhole: Whether to keep the texts in it, on which no status and no verdict depends.
    /// - Returns: The event; nil for one that is passed over.
    /// - Throws: `EventCodecError`.
    @discardableResult
    mutating func take(
        _ header: EventHeader,
        frame: RawSpan,
        isWhole: Bool
    ) throws(EventCodecError) -> ItemEvent? {
        let event = try Self.machine.event(header, frame: frame)
        if sequence == .zero { position = header.streamNumber.firstPosition }
        sequence = header.sequence
        guard let event else {
            Self.machine.passOver(&state)
            return nil
        }
        updatedAt = event.at
        Self.machine.evolve(&state, by: isWhole ? event : event.bare)
        return event
    }
}

extension ItemEvent {
    /// The event without texts, so that many items are held at once.
    fileprivate var bare: ItemEvent {
        switch fact {
        case .began(var beginning):
            beginning.request = beginning.request.map { request in
                ItemRequest(
                    key: request.key,
                    content: request.content,
                    worksInSteps: request.worksInSteps
                )
            }
            return ItemEvent(.began(beginning), at: at)
        case .accepted: return ItemEvent(.accepted(ItemAcceptance()), at: at)
        case .rejected(var rejection):
            rejection.reason = ""
            return ItemEvent(.rejected(rejection), at: at)
        case .doubted(let doubt): return ItemEvent(.doubted(ItemDoubt(doubt.cause)), at: at)
        case .settled(let settlement):
            let bare = ItemSettlement(
                settlement.verdict,
                source: settlement.source,
                by: "",
                reason: ""
            )
            return ItemEvent(.settled(bare), at: at)
        case .stepEnded(let end):
            return ItemEvent(.stepEnded(ItemStepEnd(number: end.number, result: [])), at: at)
        case .noted(var message):
            message.payload = nil
            message.body = nil
            return ItemEvent(.noted(message), at: at)
        case .imported(var row):
            row.message.body = nil
            row.acceptance = ItemAcceptance()
            row.origin = nil
            return ItemEvent(.imported(row), at: at)
        case .calledBack(var callback):
            callback.reference = ""
            return ItemEvent(.calledBack(callback), at: at)
        case .released, .retryPlanned, .setAside, .stepBegan, .stepFailed, .timerSet:
            return self
        }
    }

    /// What the item is, if this event is its first.
    var request: ItemRequest? {
        switch fact {
        case .began(let beginning): beginning.request
        case .noted(let message):
            ItemRequest(
                key: nil,
                content: ContentDigest(type: "note", content: [UInt8]().span.bytes),
                message: message
            )
        case .imported(let row):
            ItemRequest(
                key: row.key,
                content: ContentDigest(type: "note", content: [UInt8]().span.bytes),
                message: row.message
            )
        case .accepted, .rejected, .doubted, .released, .settled, .retryPlanned, .setAside,
            .calledBack, .stepBegan, .stepEnded, .stepFailed, .timerSet:
            nil
        }
    }

    /// Whether the event says what became of the item: a failure that is tried again does not.
    var isOutcome: Bool {
        switch fact {
        case .accepted: true
        case .rejected(let rejection): rejection.isFinal || rejection.givenUp != nil
        case .settled(let settlement): settlement.verdict != .failed
        case .began, .doubted, .released, .retryPlanned, .setAside, .calledBack, .stepBegan,
            .stepEnded, .stepFailed, .timerSet, .noted, .imported:
            false
        }
    }
}
