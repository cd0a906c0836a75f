package import CairnCore

/// What lists of requests are made of, found without copying any request.
extension PipelineFleet {
    /// Whether a request has rows of several tenants.
    package var hasMixed: Bool { briefs.contains { $0.isMixed } }

    /// The latest rows that say started or failed and were created before a time, by their
    /// positions.
    ///
    /// - Parameters:
    ///   - tenant: Whose requests; nil for all. No request may have rows of several.
    ///   - time: The time.
    /// - Returns: Where each stands, and whether the worker that started it has recorded nothing
    ///   since.
    /// - Complexity: Proportional to the requests.
    package func resting(
        tenant: String?,
        before time: Timestamp
    ) -> [(position: Position, isSilent: Bool)] {
        var found: [(position: Position, isSilent: Bool)] = []
        forEachIndex(of: tenant) { index in
            let latest = briefs[index].latest
            guard latest.status == .started || latest.status == .failed, latest.createdAt < time
            else { return }
            let isSilent = latest.worker >= 0 && workers.last(latest.worker) == latest.position
            found.append((latest.position, isSilent))
        }
        return found.sorted { $0.position < $1.position }
    }

    /// The tries that are due at an instant: those of `OpenRetries`.
    ///
    /// - Parameters:
    ///   - tenant: Whose; nil for all. No request may have rows of several.
    ///   - now: The instant.
    /// - Returns: The tries, in no order.
    /// - Complexity: Proportional to the requests.
    package func due(of tenant: String?, at now: Timestamp) -> [DueTry] {
        var found: [DueTry] = []
        forEachIndex(of: tenant) { index in
            for tries in briefs[index].tries {
                if let next = tries.next, next.nextRetryAt <= now { found.append(next) }
            }
        }
        return found
    }

    private func forEachIndex(of tenant: String?, _ body: (Int) -> Void) {
        guard let tenant else {
            for index in briefs.indices { body(index) }
            return
        }
        guard let wanted = meanings.words.knownNumber(of: tenant) else { return }
        for index in briefs.indices where briefs[index].summary.tenant == wanted { body(index) }
    }
}
