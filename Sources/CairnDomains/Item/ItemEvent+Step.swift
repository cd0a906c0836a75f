public import CairnCore

/// A step of an attempt: its place among the steps, counted from 1, and its name.
public struct ItemStepMark: Hashable, Sendable {
    public var number: Int64
    public var name: String

    public init(number: Int64, name: String) {
        self.number = number
        self.name = name
    }
}

/// A step that was done, with its encoded result.
public struct ItemStepEnd: Hashable, Sendable {
    public var number: Int64
    /// JSON in UTF-8.
    public var result: [UInt8]

    public init(number: Int64, result: [UInt8]) {
        self.number = number
        self.result = result
    }
}

/// A step that is known not to have happened.
public struct ItemStepFailure: Hashable, Sendable {
    public var number: Int64
    public var reason: String

    public init(number: Int64, reason: String) {
        self.number = number
        self.reason = reason
    }
}

/// A wait of an attempt, in its place among the steps.
public struct ItemTimer: Hashable, Sendable {
    public var number: Int64
    public var name: String
    /// The end by the wall clock, for a machine that has been started anew since.
    public var until: Timestamp
    /// The end by the boot clock, which no one sets: what counts until then.
    public var bootEnd: BootInstant

    public init(number: Int64, name: String, until: Timestamp, bootEnd: BootInstant) {
        self.number = number
        self.name = name
        self.until = until
        self.bootEnd = bootEnd
    }
}
