internal import CairnCore

/// What a provider knows; all of it follows from its log.
struct ProviderMemory {
    fileprivate struct KeyFacts {
        var requestCount = 0
        var firstReply: ProviderReply?
        var firstReference: String?
        var deliveryCount = 0
    }

    private struct Scheduled {
        let delivery: ProviderDelivery
        let due: Int64
        var doneCount = 0
    }

    private var keys: [ExactText: KeyFacts] = [:]
    private var callbacks: [ProviderCallback] = []
    /// In the order in which they become due, since all wait equally long.
    private var scheduled: [Scheduled] = []
    private var scheduledStart = 0
    /// Deliveries whose callbacks have not all gone out; only while the log is read.
    private var unfinished: [String: (delivery: ProviderDelivery, doneCount: Int)]? = [:]
    private var unfinishedOrder: [String] = []

    var callbackCount: Int { callbacks.count }

    func requestCount(of key: String) -> Int { keys[ExactText(key)]?.requestCount ?? 0 }

    func deliveryCount(of key: String) -> Int { keys[ExactText(key)]?.deliveryCount ?? 0 }

    func firstReply(to key: String) -> ProviderReply? { keys[ExactText(key)]?.firstReply }

    func sight(of key: String) -> ProviderSight {
        guard let facts = keys[ExactText(key)], let reference = facts.firstReference else {
            return .notFound
        }
        return .delivered(reference: reference, count: facts.deliveryCount)
    }

    func callbacks(after number: Int, countMax: Int) -> [ProviderCallback] {
        Array(callbacks.dropFirst(max(0, number)).prefix(countMax))
    }

    /// Remembers what a line of the log says.
    mutating func take(_ record: ProviderRecord) {
        switch record {
        case .request(let key, _, _): keys[ExactText(key), default: KeyFacts()].requestCount += 1
        case .rejection(let key, _, let isFinal, let reason):
            let reply = ProviderReply.rejected(isFinal: isFinal, reason: reason)
            keys[ExactText(key), default: KeyFacts()].setFirst(reply)
        case .delivery(let delivery):
            keys[ExactText(delivery.key), default: KeyFacts()].add(delivery)
            if !delivery.callbacks.isEmpty, unfinished != nil {
                unfinished?[delivery.reference] = (delivery, 0)
                unfinishedOrder.append(delivery.reference)
            }
        case .callback(let callback):
            callbacks.append(callback)
            unfinished?[callback.reference]?.doneCount += 1
        case .requestLost, .replyLost, .lookup: break
        }
    }

    /// Schedules what was still to go out when the log ended.
    mutating func resumeCallbacks() {
        for reference in unfinishedOrder {
            guard let (delivery, doneCount) = unfinished?[reference] else { continue }
            scheduled.append(
                Scheduled(delivery: delivery, due: delivery.callbackDue, doneCount: doneCount)
            )
        }
        unfinished = nil
        unfinishedOrder = []
    }

    mutating func schedule(_ delivery: ProviderDelivery, due: Int64) {
        guard !delivery.callbacks.isEmpty else { return }
        scheduled.append(Scheduled(delivery: delivery, due: due))
    }

    /// Takes out the next callback whose time has come.
    mutating func nextDue(at now: Int64) -> (PlannedCallback, ProviderDelivery)? {
        while scheduledStart < scheduled.count {
            let next = scheduled[scheduledStart]
            guard next.due <= now else { return nil }
            if next.doneCount < next.delivery.callbacks.count {
                scheduled[scheduledStart].doneCount += 1
                return (next.delivery.callbacks[next.doneCount], next.delivery)
            }
            scheduledStart += 1
            // Half of the memory at a time, so that taking all out costs as much as putting it in.
            if scheduledStart * 2 > scheduled.count {
                scheduled.removeFirst(scheduledStart)
                scheduledStart = 0
            }
        }
        return nil
    }
}

extension ProviderMemory.KeyFacts {
    fileprivate mutating func setFirst(_ reply: ProviderReply) {
        if firstReply == nil { firstReply = reply }
    }

    fileprivate mutating func add(_ delivery: ProviderDelivery) {
        setFirst(.accepted(reference: delivery.reference))
        if firstReference == nil { firstReference = delivery.reference }
        deliveryCount += 1
    }
}
