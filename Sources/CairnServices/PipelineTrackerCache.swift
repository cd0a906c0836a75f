internal import CairnCore
internal import CairnDomains
internal import CairnJournal
internal import Synchronization

/// A request's state and the last event in it.
struct FoldedRequest: Sendable {
    var state: PipelineState
    var sequence = SequenceNumber.zero

    /// Takes the next event of the request's stream.
    mutating func take(
        _ header: EventHeader,
        frame: RawSpan,
        machine: PipelineMachine,
        failure: inout PipelineTrackerError?
    ) -> PageFlow {
        guard header.type(in: frame) == PipelineEvent.frameType else {
            // An event type from a newer version says whether it may be passed over (law 6).
            guard header.flags.contains(.mayBeIgnored) else {
                let type = header.type(in: frame)
                failure = .unknownEvent(position: header.position, type: type)
                return .stop
            }
            sequence = header.sequence
            return .proceed
        }
        do throws(PipelineCodecError) {
            machine.evolve(&state, by: try PipelineEvent(header, frame: frame))
            sequence = header.sequence
            return .proceed
        } catch {
            failure = .unreadable(position: header.position, error: error)
            return .stop
        }
    }
}

/// The states of the requests used last, so that a busy request is not folded anew each time.
///
/// Only what is durable is kept. Streams never change what they hold, so an entry is never
/// wrong, only old; the turn folds what came after it.
final class PipelineTrackerCache: Sendable {
    /// Most requests that are kept; beyond it all are let go and kept anew.
    static let requestCountMax = 4_096

    private let requests = Mutex<[String: FoldedRequest]>([:])

    subscript(request: String) -> FoldedRequest? {
        // The key compares by canonical equivalence, requests by bytes: ASCII alone is both.
        guard request.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        return requests.withLock { $0[request] }
    }

    func keep(_ folded: FoldedRequest, of request: String) {
        guard request.utf8.allSatisfy({ $0 < 0x80 }) else { return }
        requests.withLock { requests in
            if let known = requests[request], known.sequence >= folded.sequence { return }
            if requests.count >= Self.requestCountMax, requests[request] == nil {
                requests.removeAll(keepingCapacity: true)
            }
            requests[request] = folded
        }
    }
}
