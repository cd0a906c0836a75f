internal import CairnDomains

extension Explorer.Words where Rules == RequestMachine {
    /// The rows of a request by type, status and attempt; predicates as `find` knows them.
    public static func request(_ requestID: String, _ machine: RequestMachine) -> Self {
        var words = Self(machine)
        words.line = { step in
            guard let row = step.event?.row else { return "(\(step.type))" }
            let attempt = row.attempt == 1 ? "" : " #\(row.attempt)"
            return "\(row.eventType) \(row.status.word)\(attempt)"
        }
        words.question = { text throws(PredicateError) in
            let predicate = try Predicate<EventRow>(text)
            return { step in
                guard let row = step.event?.row else { return false }
                return predicate.matches(
                    EventRow(
                        requestID: requestID,
                        position: step.position,
                        sequence: step.sequence,
                        recordedAt: step.recordedAt,
                        event: row
                    )
                )
            }
        }
        return words
    }
}
