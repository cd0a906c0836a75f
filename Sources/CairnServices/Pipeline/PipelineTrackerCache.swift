internal import CairnCore
internal import CairnDomains
internal import CairnJournal
internal import Synchronization

/// A request's state and the last event in it.
struct FoldedRequest: Sendable {
    var state: PipelineState
    var sequence = SequenceNumber.zero
    /// When the request was removed last; nothing is recorded of it any more.
    var removedAt: Timestamp?

    /// Takes the next event of the request's stream.
    mutating func take(
        _ header: EventHeader,
        frame: RawSpan,
        machine: PipelineMachine,
        failure: inout PipelineTrackerError?
    ) -> PageFlow {
        do throws(PipelineCodecError) {
            if try PipelineGate.isRow(header, frame: frame) {
                machine.evolve(&state, by: try PipelineEvent(header, frame: frame))
            } else if PipelineGate.isRemoval(header, frame: frame) {
                state = machine.initial
                removedAt = header.occurredAt
            }
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

    private let requests = Mutex<[ExactText: FoldedRequest]>([:])

    subscript(request: String) -> FoldedRequest? {
        requests.withLock { $0[ExactText(request)] }
    }

    func keep(_ folded: FoldedRequest, of request: String) {
        let request = ExactText(request)
        requests.withLock { requests in
            if let known = requests[request], known.sequence >= folded.sequence { return }
            if requests.count >= Self.requestCountMax, requests[request] == nil {
                requests.removeAll(keepingCapacity: true)
            }
            requests[request] = folded
        }
    }
}
