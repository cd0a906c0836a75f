internal import CairnCore
internal import CairnDomains

/// Makes of each event the one that stands for it in a bundle: other texts, other times, the same
/// story.
///
/// Built anew from what this program knows of an event, so nothing goes along that it does not
/// know. Names of streams are those of the things in them: a request, a job or a key is called
/// the same in its stream's name and wherever an event names it.
struct BundleDisguise {
    private let words: DefinitionWords
    private var pseudonyms: KeyedPseudonyms
    /// How far times are moved.
    private let shift: TimeSpan
    /// Whether a time was met that could not be moved.
    private(set) var hasLostTime = false

    init(_ definition: PipelineDefinition, _ options: BundleOptions) {
        words = DefinitionWords(definition)
        pseudonyms = KeyedPseudonyms(options, words: words.all)
        shift = options.keepsTimes ? .zero : pseudonyms.timeShift
    }

    mutating func time(_ time: Timestamp) -> Timestamp {
        let (moved, isLost) = time.nanoseconds.addingReportingOverflow(shift.nanoseconds)
        if isLost { hasLostTime = true }
        return isLost ? time : Timestamp(nanoseconds: moved)
    }

    mutating func name(of text: String, as kind: String) -> String {
        pseudonyms.name(of: text, as: kind)
    }

    mutating func name(of text: String?, as kind: String) -> String? {
        text.map { pseudonyms.name(of: $0, as: kind) }
    }

    mutating func worker(_ worker: WorkerNumber) -> WorkerNumber { pseudonyms.worker(worker) }

    func bootInstant(_ instant: BootInstant) -> BootInstant { pseudonyms.bootInstant(instant) }

    func digest(_ digest: ContentDigest) -> ContentDigest { pseudonyms.digest(of: digest) }

    /// JSON with stand-ins in it; what is no JSON is one text.
    mutating func json(_ bytes: [UInt8]) -> [UInt8] {
        guard (try? JSONValue.parse(bytes)) != nil else {
            return Array(#""\#(pseudonyms.name(of: bytes, as: "text"))""#.utf8)
        }
        return words.renamed(
            json: bytes,
            name: { text, kind in pseudonyms.name(of: text, as: kind) },
            number: { text in pseudonyms.number(of: text) }
        )
    }

    mutating func json(_ bytes: [UInt8]?) -> [UInt8]? { bytes.map { json($0) } }

    // A long name is cut where it names a stream, and the whole of it stands in an event: both
    // have the stand-in of the part.

    mutating func name(ofKey key: String) -> String {
        guard let stream = try? ItemKey(key).stream else { return name(of: key, as: "key") }
        return name(of: stream.key, as: "key")
    }

    mutating func name(ofJob job: String) -> String {
        name(of: (try? JobMachine.stream(of: job))?.key ?? job, as: "job")
    }

    mutating func name(ofCustomer customer: String) -> String {
        name(of: (try? CustomerStream.stream(of: customer))?.key ?? customer, as: "customer")
    }

    /// The name of a stream; nil for one of a kind that is in no bundle.
    mutating func stream(_ stream: StreamID) -> StreamID? {
        let kinds = [
            (PipelineEvent.streamKind, "request"), (ItemKey.streamKind, "key"),
            (InteractionMessage.streamKind, "interaction"), (JobMachine.streamKind, "job"),
            (CustomerStream.streamKind, "customer"),
        ]
        guard let kind = kinds.first(where: { $0.0 == stream.kind }) else { return nil }
        return try? StreamID(kind: kind.0, key: name(of: stream.key, as: kind.1))
    }

    /// The id of an event.
    ///
    /// Of a row that has its number in its id, `<pagw_id>/<sequence_no>`, the same of its
    /// stand-in; anything else may say who somebody is, and so may any other number.
    mutating func id(_ id: EventID?, of row: PipelineEvent?, in stream: StreamID) -> EventID? {
        guard let id else { return nil }
        if let number = row?.sequenceNumber,
            let own = try? PipelineEvent.eventID(request: stream.key, sequenceNumber: number),
            own.name.hasSameBytes(as: id.name)
        {
            let request = name(of: stream.key, as: "request")
            return try? PipelineEvent.eventID(request: request, sequenceNumber: number)
        }
        return try? EventID(name(of: id.name, as: "event"))
    }

    /// A row of a request; without the `id` that it had in its table.
    mutating func event(_ event: PipelineEvent) -> PipelineEvent {
        var event = words.renamed(
            event,
            name: { text, kind in pseudonyms.name(of: text, as: kind) },
            number: { text in pseudonyms.number(of: text) }
        ).moved { time($0) }
        event.sourceID = nil
        return event
    }
}
