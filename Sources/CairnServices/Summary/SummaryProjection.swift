internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal

/// The sums of all requests' events by hour, tenant, stage, type and status, kept as they come.
///
/// A greatest duration cannot be taken out of a sum again, so removals are part of the rules: with
/// each one the tables are made anew.
struct SummaryProjection: Projection {
    let name = "cairn.summary"
    let version: UInt32 = 2
    let isKnownByVersion = true
    let readsStreamNames = false
    /// What is left out.
    var removals = StreamRemovals()

    var definition: [UInt8] { removals.bytes }

    static func tables(of journal: any Journal) -> RemovalTables<SummaryProjection> {
        RemovalTables(journal, of: PipelineEvent.streamKind) { removals in
            LiveProjection(SummaryProjection(removals: removals), of: journal)
        }
    }

    enum Key: Hashable, Sendable {
        /// A group by its words; of long ones the beginning and the digest.
        case group([UInt8])
        case words(UInt64)
        case hour(SummaryHour, UInt64)
    }

    enum Value: Hashable, Sendable {
        /// The number of a group: the position of its first event.
        case number(UInt64)
        case words(SummaryGroup)
        case totals(SummaryTotals)
    }

    private enum Tag {
        static let group: UInt8 = 1
        static let words: UInt8 = 2
        static let hour: UInt8 = 3
    }

    private static let nameByteCountMax = 400
    private static let signBit: UInt64 = 1 << 63
    static let hourPrefix = [Tag.hour]

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
        let payload = frame.extracting(header.payloadRange)
        let step: PipelineStep
        let metadata: Int
        do throws(PipelineCodecError) {
            let isOfRequest = stream?.kind == PipelineEvent.streamKind
            guard try PipelineGate.isRow(header, frame: frame, inStreamOfRequest: isOfRequest)
            else { return }
            step = try PipelineStep(payload, occurredAt: header.occurredAt)
            metadata = try step.metadataByteCount(in: payload)
        } catch {
            throw .malformed(type: PipelineEvent.frameType, reason: error.description)
        }
        let group = SummaryGroup(step, in: payload)
        let name = Key.group(Self.name(of: group))
        let number: UInt64
        if case .number(let known)? = entries.value(of: name) {
            number = known
        } else {
            number = header.position.rawValue
            entries.set(.number(number), for: name)
            entries.set(.words(group), for: .words(number))
        }
        entries.update(.hour(SummaryHour(containing: step.createdAt), number)) { value in
            var totals = SummaryTotals()
            if case .totals(let known)? = value { totals = known }
            totals.add(
                durationMilliseconds: step.durationMilliseconds,
                metadataByteCount: metadata
            )
            value = .totals(totals)
        }
    }

    private static func name(of group: SummaryGroup) -> [UInt8] {
        var writer = ByteWriter(capacity: 80)
        write(group, to: &writer)
        let whole = writer.finish()
        guard whole.count > nameByteCountMax else { return whole }
        let digest = ContentDigest(type: "summary_group", content: whole.span.bytes)
        return whole.prefix(nameByteCountMax) + digest.bytes
    }

    private static func write(_ group: SummaryGroup, to bytes: inout ByteWriter) {
        bytes.text(group.tenant)
        bytes.text(group.stage)
        bytes.text(group.eventType)
        bytes.text(group.status)
    }

    func write(_ key: Key, to bytes: inout ByteWriter) {
        switch key {
        case .group(let name):
            bytes.bigEndian(Tag.group)
            bytes.raw(name)
        case .words(let number):
            bytes.bigEndian(Tag.words)
            bytes.bigEndian(number)
        case .hour(let hour, let number):
            bytes.bigEndian(Tag.hour)
            bytes.bigEndian(UInt64(bitPattern: hour.number) ^ Self.signBit)
            bytes.bigEndian(number)
        }
    }

    func readKey(_ bytes: RawSpan) throws(TruncatedBytes) -> Key {
        var place = ByteReader()
        func number() throws(TruncatedBytes) -> UInt64 {
            bytes.bigEndian(at: try place.take(8, in: bytes).lowerBound)
        }
        switch try place.littleEndian(UInt8.self, in: bytes) {
        case Tag.group:
            let rest = try place.take(bytes.byteCount - 1, in: bytes)
            return .group(bytes.extracting(rest).array())
        case Tag.words: return .words(try number())
        case Tag.hour:
            let hour = SummaryHour(number: Int64(bitPattern: try number() ^ Self.signBit))
            return .hour(hour, try number())
        default: throw TruncatedBytes(offset: 0)
        }
    }

    func write(_ value: Value, to bytes: inout ByteWriter) {
        switch value {
        case .number(let number):
            bytes.littleEndian(Tag.group)
            bytes.littleEndian(number)
        case .words(let group):
            bytes.littleEndian(Tag.words)
            Self.write(group, to: &bytes)
        case .totals(let totals):
            bytes.littleEndian(Tag.hour)
            bytes.variable(totals.eventCount)
            bytes.variable(totals.metadataByteCount)
            bytes.variable(totals.durationCount)
            bytes.littleEndian(totals.durationMax)
            bytes.littleEndian(Int64(truncatingIfNeeded: totals.durationSum))
            bytes.littleEndian(Int64(truncatingIfNeeded: totals.durationSum >> 64))
        }
    }

    func readValue(_ bytes: RawSpan) throws(TruncatedBytes) -> Value {
        var place = ByteReader()
        switch try place.littleEndian(UInt8.self, in: bytes) {
        case Tag.group: return .number(try place.littleEndian(in: bytes))
        case Tag.words:
            let tenant = try place.text(in: bytes)
            let stage = try place.text(in: bytes)
            let eventType = try place.text(in: bytes)
            return .words(
                SummaryGroup(
                    tenant: tenant,
                    stage: stage,
                    eventType: eventType,
                    status: try place.text(in: bytes)
                )
            )
        case Tag.hour:
            let eventCount = try place.signedVariable(in: bytes)
            let metadata = try place.signedVariable(in: bytes)
            let durationCount = try place.signedVariable(in: bytes)
            let durationMax = try place.littleEndian(Int64.self, in: bytes)
            let low = try place.littleEndian(UInt64.self, in: bytes)
            let high = try place.littleEndian(Int64.self, in: bytes)
            return .totals(
                SummaryTotals(
                    eventCount: eventCount,
                    durationCount: durationCount,
                    durationSum: Int128(high) << 64 | Int128(low),
                    durationMax: durationMax,
                    metadataByteCount: metadata
                )
            )
        default: throw TruncatedBytes(offset: 0)
        }
    }
}
