package import CairnCore

/// Where many requests stand, in brief: a fold that can be laid down at a position and gone on
/// from.
///
/// - Complexity: For an event, a look-up of its request and of its worker.
package struct PipelineFleet: Sendable {
    var meanings: PipelineMeanings
    var workers = PipelineWorkers()
    /// The requests, each in a place of its own; those in ``free`` are none.
    private(set) var briefs: [PipelineBrief] = []
    private var places: [StreamNumber: Int32] = [:]
    private var free: [Int32] = []

    package init(_ definition: PipelineDefinition) { meanings = PipelineMeanings(definition) }

    /// How many requests there are.
    package var count: Int { places.count }

    /// The streams of the requests, in their order.
    package var streams: [StreamNumber] { places.keys.sorted() }

    /// A request.
    package subscript(stream: StreamNumber) -> PipelineBrief? {
        places[stream].map { briefs[Int($0)] }
    }

    /// Whether a request is here.
    package func holds(_ stream: StreamNumber) -> Bool { places[stream] != nil }

    /// Gives each request, in no order.
    package func forEach(_ body: (StreamNumber, PipelineBrief) -> Void) {
        for (stream, place) in places { body(stream, briefs[Int(place)]) }
    }

    /// The word with a number.
    package func text(of number: UInt32) -> String { meanings.words.text(of: number) }

    /// Takes a row of a request.
    ///
    /// Rows must come in the order of their positions.
    ///
    /// - Parameters:
    ///   - step: What the row's payload says.
    ///   - header: The row.
    ///   - frame: Its stored bytes.
    /// - Returns: Whether the request is open then.
    /// - Throws: ``PipelineCodecError``; the row is then not taken.
    package mutating func take(
        _ step: PipelineStep,
        _ header: EventHeader,
        frame: RawSpan
    ) throws(PipelineCodecError) -> Bool {
        let payload = frame.extracting(header.payloadRange)
        let details = try step.details(in: payload)
        let place = Int(place(of: header.streamNumber))
        let former = briefs[place].latest
        briefs[place].take(step, header, in: payload, &meanings, errorCode: details.errorCode)
        if let name = header.streamID(in: frame) { briefs[place].id = Array(name.key.utf8) }
        var seen: Int32?
        if let worker = details.workerID {
            seen = workers.see(payload.extracting(worker), at: header.position)
        }
        if briefs[place].latest.position != former.position {
            if step.status == .started, let worker = details.workerID {
                if let seen {
                    workers.hold(seen)
                    briefs[place].latest.worker = seen
                } else {
                    briefs[place].latest.worker = workers.hold(
                        payload.extracting(worker),
                        since: header.position
                    )
                }
            }
            if former.worker >= 0 { workers.letGo(former.worker) }
        }
        return briefs[place].isOpen
    }

    /// Puts a request in that was taken out, or laid down elsewhere.
    mutating func put(_ stored: StoredBrief, _ stream: StreamNumber) {
        remove(stream)
        var brief = stored.brief
        if let worker = stored.worker {
            brief.latest.worker = workers.hold(
                worker.span.bytes,
                since: stored.isSilent ? brief.latest.position : .zero
            )
        }
        briefs[Int(place(of: stream))] = brief
    }

    /// Takes a request out.
    package mutating func remove(_ stream: StreamNumber) {
        guard let place = places.removeValue(forKey: stream) else { return }
        let worker = briefs[Int(place)].latest.worker
        if worker >= 0 { workers.letGo(worker) }
        briefs[Int(place)] = PipelineBrief()
        free.append(place)
    }

    /// Whether the worker that started a request's latest row has recorded nothing since.
    package func isSilent(_ brief: PipelineBrief) -> Bool {
        brief.latest.worker >= 0 && workers.last(brief.latest.worker) == brief.latest.position
    }

    private mutating func place(of stream: StreamNumber) -> Int32 {
        if let place = places[stream] { return place }
        let place: Int32
        if let last = free.popLast() {
            place = last
        } else {
            place = Int32(truncatingIfNeeded: briefs.count)
            briefs.append(PipelineBrief())
        }
        places[stream] = place
        return place
    }
}
