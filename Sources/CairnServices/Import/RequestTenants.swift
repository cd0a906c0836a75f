internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// Under which tenants requests are known, looked up in one turn.
///
/// What was removed of a request does not say whose it is any more.
struct RequestTenants {
    /// Why nobody can say.
    enum Failure: Error {
        case journal(JournalError)
        /// The event that says it is stored and cannot be read.
        case unreadable(PipelineCodecError)
    }

    /// Of requests without an event nil.
    private var known: [StreamID: String?] = [:]
    /// What was removed some time; nil as long as nobody asked.
    private var removed: Removed?

    private struct Removed {
        var requests: Set<String> = []
        /// Whether an entry of the list cannot be read: any request may be the one it names.
        var mayHaveAny = false
    }

    /// A request's tenant; nil for a request that has no events.
    ///
    /// - Complexity: One event of the request, all of one that was removed before or may have been;
    ///   once in a turn a read of the list of removals.
    mutating func tenant(
        of stream: StreamID,
        in scope: any TurnScope
    ) throws(Failure) -> String? {
        if let known = known[stream] { return known }
        let removed = try removed(in: scope)
        let mayBeRemoved = removed.mayHaveAny || removed.requests.contains(stream.key)
        var found: Result<String?, PipelineCodecError> = .success(nil)
        do throws(JournalError) {
            try scope.forEachEvent(of: stream, from: SequenceNumber(rawValue: 1)) {
                header,
                frame in
                do throws(PipelineCodecError) {
                    if try PipelineGate.isRow(header, frame: frame) {
                        if case .success(nil) = found {
                            found = .success(try PipelineEvent(header, frame: frame).tenant)
                        }
                        return mayBeRemoved ? .proceed : .stop
                    }
                    if PipelineGate.isRemoval(header, frame: frame) { found = .success(nil) }
                    return .proceed
                } catch {
                    found = .failure(error)
                    return .stop
                }
            }
        } catch {
            throw .journal(error)
        }
        do throws(PipelineCodecError) {
            let tenant = try found.get()
            known[stream] = .some(tenant)
            return tenant
        } catch {
            throw .unreadable(error)
        }
    }

    /// Takes note of whose a request is from an event of this turn on.
    mutating func note(_ tenant: String, of stream: StreamID) { known[stream] = .some(tenant) }

    private mutating func removed(in scope: any TurnScope) throws(Failure) -> Removed {
        if let removed { return removed }
        var found = Removed()
        do throws(JournalError) {
            let list = try limited { () throws(LimitError) in
                try Removal.truncations(of: PipelineEvent.streamKind)
            }
            try scope.forEachEvent(of: list, from: SequenceNumber(rawValue: 1)) { header, frame in
                do throws(EventCodecError) {
                    if let entry = try ListedRemoval.read(header, frame: frame) {
                        found.requests.insert(entry.key)
                    }
                } catch {
                    found.mayHaveAny = true
                }
                return .proceed
            }
        } catch {
            throw .journal(error)
        }
        removed = found
        return found
    }
}
