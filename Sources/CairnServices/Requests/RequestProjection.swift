internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal

/// Where requests stood at earlier positions, so that a question about one of them need not begin
/// at the journal's first event.
///
/// At intervals a checkpoint of all open requests is laid; a request that is done with stands by
/// itself, from where it was on, until it goes on after all. The failures of each tenant that may
/// be tried again stand in the order of their times.
struct RequestProjection: Projection {
    static let tableName = "cairn.requests"
    /// Events between checkpoints, at least; a question folds up to so many.
    static let intervalMin: UInt64 = 16_384
    /// Events for each open request between checkpoints, at least: where nothing ever ends,
    /// checkpoints stay a small share of the journal.
    static let eventsPerOpenRequest: UInt64 = 8

    let name = tableName
    let version: UInt32 = 3
    let isKnownByVersion = true
    let readsStreamNames = false
    let pipeline: PipelineDefinition
    /// What is left out.
    let removals: StreamRemovals
    /// Events between checkpoints, at least; another one only in tests.
    let interval: UInt64
    let definition: [UInt8]

    init(
        pipeline: PipelineDefinition,
        removals: StreamRemovals = StreamRemovals(),
        interval: UInt64 = intervalMin
    ) {
        self.pipeline = pipeline
        self.removals = removals
        self.interval = interval
        var writer = ByteWriter(capacity: 40)
        writer.raw(pipeline.fingerprint.bytes)
        writer.variable(interval)
        writer.raw(removals.bytes)
        definition = writer.finish()
    }

    enum Key: Hashable, Sendable {
        /// The open requests where the tables end.
        case open
        /// The open requests at a position.
        case checkpoint(Position)
        /// A request that is done with where the tables end.
        case closed(StreamNumber)
        /// A request that was done with from a position on, and went on behind a checkpoint.
        case former(StreamNumber, Position)
        /// A failure of a tenant that may be tried again from a time on.
        case failure(TenantKey, Timestamp, Position)
    }

    enum Value: Sendable {
        /// A list of one, which is handed on as one reference and not part by part; and where the
        /// last checkpoint was laid.
        case open([PipelineFleet], Position)
        case checkpoint([UInt8])
        /// From where on it was done with, and how it was left.
        case closed(Position, [UInt8])
        /// Where it went on, and how it was left before.
        case former(Position, [UInt8])
        /// All is in the key.
        case failure
    }

    enum Tag {
        static let open: UInt8 = 1
        static let checkpoint: UInt8 = 2
        static let closed: UInt8 = 3
        static let former: UInt8 = 4
        static let failure: UInt8 = 5
    }

    func concerns(_ header: EventHeader, _ frame: RawSpan) -> Bool {
        PipelineGate.hasRowType(header, frame: frame)
            ? !header.flags.contains(.isErased) && !removals.cover(header)
            : !header.flags.contains(.mayBeIgnored)
    }

    /// Whose stream it is matters where a request's would hold what nothing may pass over.
    func readsStreamName(of header: EventHeader, _ frame: RawSpan) -> Bool {
        !PipelineGate.hasRowType(header, frame: frame)
    }

    func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        of stream: StreamID?,
        into entries: inout ProjectionEntries<Self>
    ) throws(EventCodecError) {
        do throws(PipelineCodecError) {
            let isOfRequest = stream?.kind == PipelineEvent.streamKind
            guard try PipelineGate.isRow(header, frame: frame, inStreamOfRequest: isOfRequest)
            else { return }
            try take(header, frame, into: &entries)
        } catch {
            throw .malformed(type: PipelineEvent.frameType, reason: error.description)
        }
    }

    /// What a row leads to beside the open requests.
    private struct Step {
        var isReopened = false
        /// Where the last checkpoint was laid.
        var lastCheckpoint = Position.zero
        var closed: [UInt8]?
        var checkpoint: [UInt8]?
        var failure: PipelineCodecError?

        /// Takes a row into the open requests, which are changed where they are.
        mutating func take(
            _ row: PipelineStep,
            _ header: EventHeader,
            _ frame: RawSpan,
            reopening left: [UInt8]?,
            interval: UInt64,
            _ fleet: inout PipelineFleet
        ) {
            let number = header.streamNumber
            if left == nil, header.sequence.rawValue > 1, !fleet.holds(number) {
                isReopened = true
                return
            }
            do throws(TruncatedBytes) {
                if let left, !left.isEmpty { try fleet.put(left.span.bytes) }
            } catch {
                failure = .truncated(offset: error.offset)
                return
            }
            do throws(PipelineCodecError) {
                if try !fleet.take(row, header, frame: frame) {
                    closed = fleet.encoded(number)
                    fleet.remove(number)
                }
            } catch {
                failure = error
                return
            }
            let spacing = max(interval, UInt64(fleet.count) * eventsPerOpenRequest)
            if header.position.rawValue &- lastCheckpoint.rawValue >= spacing {
                checkpoint = fleet.encoded()
            }
        }
    }

    private func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        into entries: inout ProjectionEntries<Self>
    ) throws(PipelineCodecError) {
        let payload = frame.extracting(header.payloadRange)
        let row = try PipelineStep(payload, occurredAt: header.occurredAt)
        var step = step(row, header, frame, reopening: nil, in: &entries)
        if step.isReopened {
            var left: [UInt8] = []
            if case .closed(let from, let bytes)? = entries.value(of: .closed(header.streamNumber))
            {
                left = bytes
                // Only a checkpoint in between can ask for it.
                if step.lastCheckpoint >= from {
                    entries.set(
                        .former(header.position, bytes),
                        for: .former(header.streamNumber, from)
                    )
                }
                entries.set(nil, for: .closed(header.streamNumber))
            }
            step = self.step(row, header, frame, reopening: left, in: &entries)
        }
        if let failure = step.failure { throw failure }
        if let closed = step.closed {
            entries.set(.closed(header.position, closed), for: .closed(header.streamNumber))
        }
        if let checkpoint = step.checkpoint {
            entries.set(.checkpoint(checkpoint), for: .checkpoint(header.position))
        }
        if let failure = DueTry(failure: row, at: header.position) {
            let tenant = TenantKey(payload.extracting(row.tenant.range))
            entries.set(.failure, for: .failure(tenant, failure.nextRetryAt, failure.position))
        }
    }

    /// Takes a row into the open requests.
    ///
    /// - Parameters:
    ///   - row: What the row says.
    ///   - header: Its header.
    ///   - frame: Its stored bytes.
    ///   - left: How its request was left; nil where nobody looked.
    ///   - entries: The tables.
    /// - Returns: What else is to be done; where the request may have been done with and nobody
    ///   looked, that alone, and nothing is taken.
    private func step(
        _ row: PipelineStep,
        _ header: EventHeader,
        _ frame: RawSpan,
        reopening left: [UInt8]?,
        in entries: inout ProjectionEntries<Self>
    ) -> Step {
        var step = Step()
        entries.update(.open) { value in
            var fleets: [PipelineFleet]
            if case .open(let known, let position)? = value {
                fleets = known
                step.lastCheckpoint = position
            } else {
                fleets = [PipelineFleet(pipeline)]
            }
            // Only one holds the requests, so that they are changed where they are.
            value = nil
            step.take(row, header, frame, reopening: left, interval: interval, &fleets[0])
            let checkpoint = step.checkpoint == nil ? step.lastCheckpoint : header.position
            value = .open(fleets, checkpoint)
        }
        return step
    }
}
