public import CairnCore

extension ItemMachine: StoredMachine {
    public func event(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> ItemEvent? {
        guard let kind = ItemEventKind(named: frame.extracting(header.typeRange)) else {
            let type = header.type(in: frame)
            guard header.flags.contains(.mayBeIgnored) else { throw .unknownType(type) }
            return nil
        }
        if header.flags.contains(.isErased) { return nil }
        guard header.typeVersion <= ItemEventKind.version else {
            throw .newerVersion(type: kind.rawValue, version: header.typeVersion)
        }
        let payload = frame.extracting(header.payloadRange)
        do throws(FieldFailure) {
            let fields = try ItemFields(payload)
            return ItemEvent(try kind.fact(fields, payload), at: header.occurredAt)
        } catch {
            throw .malformed(type: kind.rawValue, reason: error.reason)
        }
    }

    /// An attempt's fence is the sequence of its intent, and so every event counts.
    public func passOver(_ state: inout ItemState) { state.eventCount &+= 1 }

    public func newEvent(_ event: ItemEvent) throws(LimitError) -> NewEvent {
        if case .imported(let row) = event.fact { return try row.newEvent(at: event.at) }
        var fields = FieldWriter(capacity: 160)
        event.fact.write(to: &fields)
        return try NewEvent(
            type: event.fact.kind.rawValue,
            typeVersion: event.fact.version,
            id: event.fact.eventID(),
            occurredAt: event.at,
            payload: fields.finish(),
            canonicalContent: event.fact.identity
        )
    }
}

extension ItemEvent.Fact {
    /// The version that it is written in: the second one only where the first has no words for it.
    fileprivate var version: UInt8 {
        if case .settled(let settlement) = self, settlement.source == .sender {
            return ItemEventKind.version
        }
        return ItemEventKind.firstVersion
    }
}

/// The names of the events of an item.
public enum ItemEventKind: String, Hashable, Sendable, CaseIterable {
    case began = "attempt.began"
    case accepted = "attempt.accepted"
    case rejected = "attempt.rejected"
    case doubted = "attempt.doubted"
    case released = "attempt.released"
    case settled = "attempt.settled"
    case retryPlanned = "attempt.retry_planned"
    case setAside = "item.set_aside"
    case calledBack = "callback.received"
    case stepBegan = "step.began"
    case stepEnded = "step.ended"
    case stepFailed = "step.failed"
    case timerSet = "timer.set"
    case noted = "note.added"
    case imported = "item.imported"

    /// The latest version of any of them.
    static let version: UInt8 = 2
    /// The version of what all programs read.
    static let firstVersion: UInt8 = 1

    /// What the names of all kinds begin with, also of those that are still to come: whoever keeps
    /// a table of items passes over events of other names.
    package static let namespaces = ["attempt.", "item.", "callback.", "step.", "timer.", "note."]

    private static let all = allCases

    /// The kind of a name in a frame, read in place.
    init?(named name: RawSpan) {
        guard let kind = Self.all.first(where: { name.equals($0.rawValue) }) else { return nil }
        self = kind
    }
}

/// Why a payload makes no event.
struct FieldFailure: Error {
    let reason: String
}

/// The tags of an item's fields, one numbering for all its events.
enum ItemTag {
    static let attempt: UInt8 = 1
    static let cause: UInt8 = 2
    static let worker: UInt8 = 3
    static let boot: UInt8 = 4
    static let leaseEnd: UInt8 = 5
    static let followsLoss: UInt8 = 6
    static let key: UInt8 = 7
    static let content: UInt8 = 8
    static let job: UInt8 = 9
    static let run: UInt8 = 10
    static let uuid: UInt8 = 11
    static let customer: UInt8 = 12
    static let channel: UInt8 = 13
    static let template: UInt8 = 14
    static let payload: UInt8 = 15
    static let provider: UInt8 = 16
    static let providerReference: UInt8 = 17
    static let notifyReference: UInt8 = 18
    static let body: UInt8 = 19
    static let metadata: UInt8 = 20
    static let source: UInt8 = 21
    static let isFinal: UInt8 = 22
    static let reason: UInt8 = 23
    static let retryAt: UInt8 = 24
    static let givenUp: UInt8 = 25
    static let detail: UInt8 = 26
    static let verdict: UInt8 = 27
    static let by: UInt8 = 28
    static let lossCount: UInt8 = 29
    static let eventID: UInt8 = 30
    static let providerKey: UInt8 = 31
    static let word: UInt8 = 32
    static let meaning: UInt8 = 33
    static let providerTime: UInt8 = 34
    static let number: UInt8 = 35
    static let name: UInt8 = 36
    static let result: UInt8 = 37
    static let until: UInt8 = 38
    static let hasAcceptance: UInt8 = 39
    static let resendCount: UInt8 = 40
    static let worksInSteps: UInt8 = 41
    static let item: UInt8 = 42
    static let status: UInt8 = 43
    static let origin: UInt8 = 44
}

extension ItemEvent.Fact {
    /// The name that the fact is stored under.
    public var kind: ItemEventKind {
        switch self {
        case .began: .began
        case .accepted: .accepted
        case .rejected: .rejected
        case .doubted: .doubted
        case .released: .released
        case .settled: .settled
        case .retryPlanned: .retryPlanned
        case .setAside: .setAside
        case .calledBack: .calledBack
        case .stepBegan: .stepBegan
        case .stepEnded: .stepEnded
        case .stepFailed: .stepFailed
        case .timerSet: .timerSet
        case .noted: .noted
        case .imported: .imported
        }
    }

    /// The id by which a repetition is known; of reports, which are repeated by others, and of
    /// imported rows, which write themselves down.
    fileprivate func eventID() throws(LimitError) -> EventID? {
        guard case .calledBack(let callback) = self else { return nil }
        return try callback.repetitionID(among: "callback")
    }

    /// What the id stands for; nil for the whole payload.
    fileprivate var identity: [UInt8]? {
        guard case .calledBack(let callback) = self else { return nil }
        return callback.identity
    }
}
