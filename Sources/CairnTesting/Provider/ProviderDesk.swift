internal import CairnCore
internal import CairnJournal
internal import Synchronization

/// Where requests are decided, one at a time; everything is in the log before anyone hears of it.
final class ProviderDesk: Sendable {
    /// Most callbacks that one poll is given.
    static let callbackCountMax = 1_000

    /// What becomes of a request.
    struct Outcome {
        /// What to say; nil if it or the request was lost on the way.
        let answer: ProviderAnswer?
        /// Whose callbacks may go out once the answer has.
        fileprivate var delivery: ProviderDelivery?
    }

    fileprivate struct State: ~Copyable {
        let file: ProviderLogFile
        var memory: ProviderMemory
    }

    private let behaviour: ProviderBehaviour
    private let state: Mutex<State>

    init(logPath: String, behaviour: ProviderBehaviour) throws(ProviderLogError) {
        var memory = ProviderMemory()
        let file = try ProviderLogFile(path: logPath) { memory.take($0) }
        memory.resumeCallbacks()
        self.behaviour = behaviour
        state = Mutex(State(file: file, memory: memory))
    }

    /// Decides a request.
    ///
    /// - Throws: ``ProviderLogError``, after which no request may be answered any more.
    func take(_ request: ProviderRequest) throws -> Outcome {
        try state.withLock { state in
            switch request {
            case .send(let key, let recipient, _):
                try state.send(key: key, recipient: recipient, behaviour)
            case .lookUp(let key):
                Outcome(answer: .sight(try state.lookUp(key)))
            case .callbacks(let number):
                Outcome(answer: .callbacks(try state.callbacks(after: number)))
            }
        }
    }

    /// Lets the callbacks of an outcome go out when their time comes.
    func hasAnswered(_ outcome: Outcome) {
        guard let delivery = outcome.delivery else { return }
        let due = Timestamp.now().nanoseconds + behaviour.lateCallbackNanoseconds
        state.withLock { $0.memory.schedule(delivery, due: due) }
    }
}

extension ProviderDesk.State {
    /// Writes a line and then remembers what it says.
    private mutating func record(_ record: ProviderRecord, at now: Int64) throws {
        try file.append(record.line(at: now))
        memory.take(record)
    }

    fileprivate mutating func send(
        key: String,
        recipient: String,
        _ behaviour: ProviderBehaviour
    ) throws -> ProviderDesk.Outcome {
        let now = Timestamp.now().nanoseconds
        let number = memory.requestCount(of: key) + 1
        let chance = ProviderDecision(behaviour, key: key, requestNumber: number)
        try record(.request(key: key, number: number, recipient: recipient), at: now)
        if chance.isRequestLost {
            try record(.requestLost(key: key, number: number), at: now)
            return ProviderDesk.Outcome(answer: nil)
        }
        let (reply, scheduled) = try answer(
            key: key,
            number: number,
            recipient: recipient,
            chance,
            behaviour,
            at: now
        )
        if chance.isReplyLost, case .accepted = reply {
            try record(.replyLost(key: key, number: number), at: now)
            return ProviderDesk.Outcome(answer: nil, delivery: scheduled)
        }
        return ProviderDesk.Outcome(answer: .reply(reply), delivery: scheduled)
    }

    /// Answers a request that was not lost.
    ///
    /// - Returns: The reply, and the delivery if its callbacks come after that.
    private mutating func answer(
        key: String,
        number: Int,
        recipient: String,
        _ chance: ProviderDecision,
        _ behaviour: ProviderBehaviour,
        at now: Int64
    ) throws -> (ProviderReply, ProviderDelivery?) {
        if behaviour.deduplicatesByKey, let first = memory.firstReply(to: key) {
            return (first, nil)
        }
        if let rejection = chance.rejection {
            let isFinal = rejection == .hard
            let reason = isFinal ? "the recipient does not exist" : "too many requests"
            try record(
                .rejection(key: key, number: number, isFinal: isFinal, reason: reason),
                at: now
            )
            return (.rejected(isFinal: isFinal, reason: reason), nil)
        }
        let delivery = ProviderDelivery(
            key: key,
            requestNumber: number,
            recipient: recipient,
            reference: Self.reference(chance.referenceNumber),
            count: memory.deliveryCount(of: key) + 1,
            callbacks: chance.callbacks,
            callbackDue: now + (chance.isCallbackEarly ? 0 : behaviour.lateCallbackNanoseconds)
        )
        try record(.delivery(delivery), at: now)
        guard chance.isCallbackEarly else {
            return (.accepted(reference: delivery.reference), delivery)
        }
        for callback in delivery.callbacks { try callOut(callback, of: delivery, at: now) }
        return (.accepted(reference: delivery.reference), nil)
    }

    fileprivate mutating func lookUp(_ key: String) throws -> ProviderSight {
        let sight = memory.sight(of: key)
        let count = memory.deliveryCount(of: key)
        try record(.lookup(key: key, count: count), at: Timestamp.now().nanoseconds)
        return sight
    }

    fileprivate mutating func callbacks(after number: Int) throws -> [ProviderCallback] {
        let now = Timestamp.now().nanoseconds
        for _ in 0..<ProviderDesk.callbackCountMax {
            guard let (callback, delivery) = memory.nextDue(at: now) else { break }
            try callOut(callback, of: delivery, at: now)
        }
        return memory.callbacks(after: number, countMax: ProviderDesk.callbackCountMax)
    }

    private mutating func callOut(
        _ callback: PlannedCallback,
        of delivery: ProviderDelivery,
        at now: Int64
    ) throws {
        let eventID = "\(delivery.reference)-\(callback.ordinal)"
        var body = JSONWriter()
        body.beginObject()
        body.member("event_id", eventID)
        body.member("message", delivery.reference)
        body.member("recipient", delivery.recipient)
        body.member("status", callback.word)
        body.endObject()
        try record(
            .callback(
                ProviderCallback(
                    number: memory.callbackCount + 1,
                    reference: delivery.reference,
                    key: delivery.key,
                    eventID: eventID,
                    word: callback.word,
                    time: now,
                    body: body.text
                )
            ),
            at: now
        )
    }

    private static func reference(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return "msg-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension ProviderBehaviour {
    fileprivate var lateCallbackNanoseconds: Int64 { Int64(lateCallbackMilliseconds) * 1_000_000 }
}
