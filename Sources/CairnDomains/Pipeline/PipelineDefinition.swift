public import CairnCore

/// A pipeline as data: its stages, its event types and the rules that its requests should keep.
///
/// Read from a file (``parse(_:)``) or made in code. A request that breaks the rules is still
/// folded (law 6); what was broken surfaces as an anomaly of its state.
public struct PipelineDefinition: Hashable, Sendable {
    public var name: String
    public var version: Int64
    /// Whether words that are not listed here are as good as listed ones.
    public var isOpen: Bool
    public var stages: [Stage]
    public var eventTypes: [EventType]
    /// How stages are retried that do not say so themselves.
    public var retry: RetryPolicy
    /// Paths into the metadata that questions go by.
    ///
    /// No index is made of them; their keys are no secrets, and stay where texts are replaced by
    /// stand-ins.
    public var metadataIndexes: [JSONPath]

    public init(
        name: String,
        version: Int64 = 1,
        isOpen: Bool = true,
        stages: [Stage] = [],
        eventTypes: [EventType] = [],
        retry: RetryPolicy = .standard,
        metadataIndexes: [JSONPath] = []
    ) {
        self.name = name
        self.version = version
        self.isOpen = isOpen
        self.stages = stages
        self.eventTypes = eventTypes
        self.retry = retry
        self.metadataIndexes = metadataIndexes
    }

    /// Where a request can be on its way.
    public struct Stage: Hashable, Sendable {
        public var name: String
        /// Other words that sources use for the stage.
        public var aliases: [String]
        /// How long the stage may take before its request counts as stuck.
        public var deadline: TimeSpan?
        /// The stages of which one must have been seen before this one; empty for no such rule.
        public var follows: [String]
        /// How the stage is retried; the pipeline's own policy where it says nothing.
        public var retry: RetryPolicy?

        public init(
            _ name: String,
            aliases: [String] = [],
            deadline: TimeSpan? = nil,
            follows: [String] = [],
            retry: RetryPolicy? = nil
        ) {
            self.name = name
            self.aliases = aliases
            self.deadline = deadline
            self.follows = follows
            self.retry = retry
        }
    }

    /// A kind of event: one word of the column `event_type`.
    public struct EventType: Hashable, Sendable {
        public var name: String
        public var stage: String
        /// The status that an event of this type has when nothing else is said.
        public var status: PipelineStatus
        /// The type that should have come before; nil where none has to.
        public var startedBy: String?
        /// Whether the request ends with it.
        public var isTerminal: Bool
        /// Whether it may come at any time: it is never out of order and never after the end.
        public var mayComeAnytime: Bool
        /// What it says of an effect in the outside world; nil for nothing.
        public var externalEffect: ExternalEffect?

        public init(
            _ name: String,
            stage: String,
            status: PipelineStatus,
            startedBy: String? = nil,
            isTerminal: Bool = false,
            mayComeAnytime: Bool = false,
            externalEffect: ExternalEffect? = nil
        ) {
            self.name = name
            self.stage = stage
            self.status = status
            self.startedBy = startedBy
            self.isTerminal = isTerminal
            self.mayComeAnytime = mayComeAnytime
            self.externalEffect = externalEffect
        }
    }

    /// What an event says of an effect in the outside world, such as a message to a partner.
    public enum ExternalEffect: String, Hashable, Sendable, CaseIterable {
        /// The effect may happen from now on.
        case begins
        /// Whether it happened is not known, as after a timeout.
        case unsettled
    }

    /// The event type that a word names, byte for byte; nil if the definition does not list it.
    public func eventType(named word: String) -> EventType? {
        eventTypes.first { $0.name.hasSameBytes(as: word) }
    }

    /// The deadline that a stage declares, under its name or an alias.
    public func deadline(of stage: String) -> TimeSpan? {
        stages.first { $0.isCalled(stage) }?.deadline
    }

    /// How a stage, under its name or an alias, is tried again.
    public func retryPolicy(ofStage word: String) -> RetryPolicy {
        stages.first { $0.isCalled(word) }?.retry ?? retry
    }

    /// The name of a stage that may be given by an alias; other words are returned themselves.
    public func stageName(of word: String) -> String {
        stages.first { $0.isCalled(word) }?.name ?? word
    }

    /// The first event type of a stage that implies a status.
    public func eventType(of stage: String, implying status: PipelineStatus) -> EventType? {
        let name = stageName(of: stage)
        return eventTypes.first { $0.stage.hasSameBytes(as: name) && $0.status == status }
    }
}

extension PipelineDefinition.Stage {
    /// Whether a word is this stage's name or one of its aliases, byte for byte.
    func isCalled(_ word: String) -> Bool {
        name.hasSameBytes(as: word) || aliases.contains { $0.hasSameBytes(as: word) }
    }
}
