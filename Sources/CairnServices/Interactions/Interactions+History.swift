public import CairnCore
public import CairnDomains
public import CairnIncident

extension Interactions {
    /// A customer's interactions, the newest first: `get_history()` of seed 001.
    ///
    /// - Parameters:
    ///   - customer: Whose.
    ///   - limit: Most interactions.
    /// - Returns: One row for each, with what its holder's lock says of it.
    /// - Throws: `IncidentError`.
    /// - Complexity: One read of a stream for each interaction that is returned.
    public func history(
        customer: String,
        limit: Int = 100
    ) async throws(IncidentError) -> [ItemRow] {
        try await ItemView(journal).history(customer: customer, limit: limit, now: clock.now())
    }

    /// What a key stands at now.
    ///
    /// An intent whose holder is gone counts as in doubt, whether or not anyone has written that
    /// down yet.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - content: What the caller would do under it; nil to ask without comparing.
    /// - Returns: One of the seven.
    /// - Throws: `IncidentError`.
    public func verdict(
        of key: ItemKey,
        for content: ContentDigest? = nil
    ) async throws(IncidentError) -> KeyVerdict {
        try await ItemView(journal).verdict(of: key, for: content)
    }
}
