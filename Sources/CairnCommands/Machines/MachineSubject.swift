internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// The streams of one machine in a journal that is open, and how they are shown.
struct MachineSubject<Rules: InspectableMachine> {
    typealias Step = MachineStep<Rules.Event>

    let sight: OpenSight
    let view: MachineView<Rules>
    /// What the key of a stream is called.
    let keyName: String
    /// An event.
    let columns: [Listing<Step>.Column]

    var path: String { sight.path }
    var machine: Rules { view.machine }

    /// Whether the tool itself knows what in such streams is a text; the machine need not.
    var isOfCairn: Bool {
        [
            PipelineEvent.streamKind, ItemKey.streamKind, InteractionMessage.streamKind,
            JobMachine.streamKind,
        ].contains(machine.streamKind)
    }

    init(_ sight: OpenSight, _ machine: Rules, keyName: String, _ columns: [Listing<Step>.Column]) {
        self.sight = sight
        view = MachineView(sight.journal, machine, asOf: sight.bound)
        self.keyName = keyName
        self.columns = columns
    }

    /// Shows a machine of which nothing is known but that it can be looked into.
    init(_ sight: OpenSight, _ machine: Rules) {
        self.init(
            sight,
            machine,
            keyName: "key",
            [
                .init("position") { .count($0.position.rawValue) },
                .init("sequence") { .count($0.sequence.rawValue) },
                .init("event") { .text($0.event.map { machine.name(of: $0) }) },
                .init("occurred_at") { .time($0.occurredAt) },
                .init("recorded_at", isInText: false) { .time($0.recordedAt) },
                .init("document") { .value($0.event.map { machine.document(of: $0) } ?? .null) },
            ]
        )
    }

    func listing(emptyText: String) -> Listing<Step> {
        Listing(columns: columns, emptyText: emptyText)
    }

    /// The stream of a key that somebody gave.
    func stream(_ key: String) throws(CommandFailure) -> StreamID {
        do {
            return try view.stream(key)
        } catch {
            throw CommandFailure(error, path: path)
        }
    }

    /// Runs a question with its errors in the tool's terms.
    func asking<Value>(
        _ body: (MachineView<Rules>) async throws(IncidentError) -> Value
    ) async throws(CommandFailure) -> Value {
        try await reading(path) { () async throws(IncidentError) in try await body(view) }
    }
}

extension MachineSubject where Rules == RequestMachine {
    /// Shows requests under the names of their columns.
    init(requestsOf sight: OpenSight, _ definition: PipelineDefinition) {
        @Sendable func row(_ step: Step) -> PipelineEvent? {
            guard case .row(let row) = step.event else { return nil }
            return row
        }
        self.init(
            sight,
            RequestMachine(definition),
            keyName: "pagw_id",
            [
                .init("position") { .count($0.position.rawValue) },
                .init("sequence_no") {
                    .integer(row($0)?.sequenceNumber ?? Int64(clamping: $0.sequence.rawValue))
                },
                .init("stage") { .text(row($0)?.stage) },
                .init("event_type") { .text(row($0)?.eventType ?? $0.type) },
                .init("status") { .status(row($0)?.status) },
                .init("attempt") { .integer(row($0)?.attempt) },
                .init("error_code") { .text(row($0)?.errorCode) },
                .init("created_at") { .time(row($0)?.createdAt ?? $0.occurredAt) },
            ]
        )
    }
}

extension MachineSubject where Rules == ItemMachine {
    /// Shows items under their keys.
    init(itemsOf sight: OpenSight) {
        let machine = ItemMachine()
        self.init(
            sight,
            machine,
            keyName: "idempotency_key",
            [
                .init("position") { .count($0.position.rawValue) },
                .init("sequence", isInText: false) { .count($0.sequence.rawValue) },
                .init("recorded_at") { .time($0.recordedAt) },
                .init("type") { .text($0.type) },
                .init("summary") { step in
                    .value(step.event.flatMap { machine.document(of: $0)["summary"] } ?? .null)
                },
            ]
        )
    }
}

extension MachineSubject where Rules == JobMachine {
    /// Shows jobs under their names.
    init(jobsOf sight: OpenSight) {
        let machine = JobMachine()
        self.init(
            sight,
            machine,
            keyName: "job",
            [
                .init("position") { .count($0.position.rawValue) },
                .init("sequence", isInText: false) { .count($0.sequence.rawValue) },
                .init("recorded_at") { .time($0.recordedAt) },
                .init("type") { .text($0.type) },
                .init("document") { .value($0.event.map { machine.document(of: $0) } ?? .null) },
            ]
        )
    }
}
