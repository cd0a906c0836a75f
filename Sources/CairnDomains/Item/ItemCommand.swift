public import CairnCore

/// Something that is asked of an item.
public enum ItemCommand: Hashable, Sendable {
    /// Begin a new attempt, if the rule lets one begin at the key's verdict.
    case begin(ItemRequest, ItemHold, SkipRule)
    /// Go on with an attempt whose holder is gone or whose doubt allows it, under a new fence; or
    /// set the item aside, once the bounds are reached.
    case resume(ItemHold, ItemBeginning.Cause, ResumeBounds)
    /// The holder's outcome.
    case accept(ItemAcceptance)
    /// The holder's outcome; the policy chooses whether and when to try again.
    case reject(ItemRejection.Source, isFinal: Bool, reason: String, AttemptPolicy)
    /// The holder says that it does not know.
    case doubt(ItemDoubt)
    /// The holder stops, and no step is open.
    case release
    /// Someone saw that the holder's lock is free.
    case noteLoss
    /// Someone decides a doubt.
    case settle(ItemSettlement)
    /// Whoever tries again says when, after a failure that nobody said it of; nothing is recorded
    /// where the policy does not try again.
    case planRetry(AttemptPolicy)
    case beginStep(ItemStepMark)
    case endStep(ItemStepEnd)
    case failStep(ItemStepFailure)
    case setTimer(ItemTimer)
    case receive(InteractionCallback)
    case note(InteractionMessage)
}

/// The right to send, as a worker asks for it.
public struct ItemHold: Hashable, Sendable {
    public var worker: WorkerNumber
    public var leaseEnd: BootInstant

    public init(worker: WorkerNumber, leaseEnd: BootInstant) {
        self.worker = worker
        self.leaseEnd = leaseEnd
    }
}

/// How often an attempt may be gone on with before a person must look at it.
public struct ResumeBounds: Hashable, Sendable {
    /// Holders that may end while they have the item: one that kills its worker ends there.
    public var lossCountMax: Int64
    /// Sends under one provider key.
    public var resendCountMax: Int64

    public static let standard = ResumeBounds(lossCountMax: 5, resendCountMax: 5)

    public init(lossCountMax: Int64, resendCountMax: Int64) {
        self.lossCountMax = lossCountMax
        self.resendCountMax = resendCountMax
    }
}

/// How often, and for how long, an item is tried.
public struct AttemptPolicy: Hashable, Sendable {
    /// Attempts and waits between them.
    public var retry: RetryPolicy
    /// The longest time from the first intent to the beginning of a retry; nil for any.
    ///
    /// By the wall clock, because it goes on while no process runs: one that jumps ahead ends it.
    /// It does not bound the retry of a failure that a person decided.
    public var durationMax: TimeSpan?

    public static let standard = AttemptPolicy(retry: .standard)
    /// One attempt and no other.
    public static let once = AttemptPolicy(
        retry: RetryPolicy(
            attemptCountMax: 1,
            initialDelay: .zero,
            multiplierThousandths: 1_000,
            delayMax: .zero,
            jitterThousandths: 0
        )
    )

    public init(retry: RetryPolicy, durationMax: TimeSpan? = nil) {
        self.retry = retry
        self.durationMax = durationMax
    }
}

/// Why a command to an item is refused; nothing was recorded.
public enum ItemRefusal: Error, Hashable, Sendable {
    /// The rule lets no attempt begin; the verdict says why. Also for a conflict.
    case verdict(KeyVerdict)
    /// The right to send went to another holder.
    case fenced(holds: SequenceNumber, given: UInt64)
    /// What the command is about is not open.
    case notOpen(KeyVerdict)
    /// There is no doubt to decide.
    case notInDoubt(KeyVerdict)
    /// The key of another item has the same beginning and the same digest.
    case keyCollision
    /// A step was met in another place, or under another name, than before.
    case stepMismatch(number: Int64, expected: String, actual: String)
    /// A step or a timer of an item that was not begun as one that works in steps.
    case notInSteps
    /// The item was begun as one that works in steps, or as one that does not, and is now to be
    /// gone on with in the other way: what is known of it would be read wrongly.
    case otherWay(isStepwise: Bool)
    /// The worker has let go of its lock, so that nobody would know that it lives.
    case workerLeft
    /// There is no such item.
    case unknown
}

extension ItemRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .verdict(.conflict(let stored, let given)):
            "the key stands for other content: stored digest \(stored), given \(given)"
        case .verdict(let verdict): "the key is \(verdict.word)"
        case .fenced(let holds, let given):
            "the right to write went on: the holder has fence \(holds), this is \(given)"
        case .notOpen(let verdict): "the attempt is not open; the key is \(verdict.word)"
        case .notInDoubt(let verdict): "the item is not in doubt; the key is \(verdict.word)"
        case .keyCollision: "another key has the same beginning and digest"
        case .stepMismatch(let number, let expected, let actual):
            "step \(number) was '\(expected)' when it was first met and is '\(actual)' now; most "
                + "likely the code was changed while the item was on its way: finish such items "
                + "with the old code, or use a new key"
        case .notInSteps:
            "steps and timers are for items whose policy says `worksInSteps` when they are begun: "
                + "only then is it known that nothing is done outside of them"
        case .otherWay(let isStepwise):
            isStepwise
                ? "it was begun as an item that works in steps and the policy does not say so: "
                    + "finish such items with the code they were begun with, or use a new key"
                : "it was begun as an item that does not work in steps and the policy says that it "
                    + "does: finish such items with the code they were begun with, or use a new key"
        case .workerLeft: "the worker has left and begins nothing any more"
        case .unknown: "nothing was ever begun under the key"
        }
    }
}
