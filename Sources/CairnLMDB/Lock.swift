internal import Glibc
internal import Synchronization

// A pthread lock must stay where it was made, so each lives in memory of its own that is freed
// with its owner. They are Sendable because being used from many threads is all they do.

/// Mutual exclusion with conditions to wait for, for the writer's queue.
@safe
final class Monitor: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    func withLock<Value: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Lets go of the lock until it is signalled, or for no reason.
    ///
    /// Only inside the lock.
    func wait() {
        unsafe pthread_cond_wait(condition, mutex)
    }

    /// Like ``wait()``, but at most until an instant of the monotonic clock.
    ///
    /// - Returns: False when the time has passed.
    func wait(until deadline: MonotonicInstant) -> Bool {
        var time = timespec(
            tv_sec: Int(deadline.nanoseconds / 1_000_000_000),
            tv_nsec: Int(deadline.nanoseconds % 1_000_000_000)
        )
        return unsafe pthread_cond_timedwait(condition, mutex, &time) == 0
    }

    func signal() {
        unsafe pthread_cond_signal(condition)
    }

    func broadcast() {
        unsafe pthread_cond_broadcast(condition)
    }
}

/// An instant of the clock that only goes forwards.
struct MonotonicInstant: Comparable {
    let nanoseconds: UInt64

    static var now: MonotonicInstant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(
            nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        )
    }

    func adding(nanoseconds span: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds + span)
    }

    var nanosecondsUntilNow: Int64 {
        Int64(clamping: MonotonicInstant.now.nanoseconds - nanoseconds)
    }

    static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

/// Many readers or one: keeps the memory map in place while anyone reads from it.
///
/// Whoever wants it alone comes next: new readers wait behind, so that reading without pause
/// cannot keep the map from growing. A thread that already reads passes, because it would wait
/// for itself; so reads may nest.
@safe
final class Latch: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_rwlock_t>
    /// How many wait to have it alone, or do.
    private let exclusiveCount = Atomic<Int>(0)
    /// Held by the one of them whose turn it is.
    private let turnstile = Monitor()

    init() {
        unsafe lock = .allocate(capacity: 1)
        unsafe pthread_rwlock_init(lock, nil)
    }

    deinit {
        unsafe pthread_rwlock_destroy(lock)
        unsafe lock.deallocate()
    }

    func withShared<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        if exclusiveCount.load(ordering: .acquiring) > 0, ThreadMark.sharedDepth == 0 {
            turnstile.withLock {}
        }
        // glibc prefers readers, so this waits only for one who has it alone already.
        unsafe pthread_rwlock_rdlock(lock)
        ThreadMark.sharedDepth += 1
        defer {
            ThreadMark.sharedDepth -= 1
            unsafe pthread_rwlock_unlock(lock)
        }
        return try body()
    }

    /// Not inside ``withShared(_:)``, which would wait for itself.
    func withExclusive<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        exclusiveCount.add(1, ordering: .releasing)
        defer { exclusiveCount.subtract(1, ordering: .releasing) }
        return try turnstile.withLock { () throws(Failure) in
            unsafe pthread_rwlock_wrlock(lock)
            defer { unsafe pthread_rwlock_unlock(lock) }
            return try body()
        }
    }
}

/// What a thread of this process is doing, known to itself.
enum ThreadMark {
    private static let writerKey = makeKey()
    private static let depthKey = makeKey()

    /// Whether it is some journal's writer, which must not wait for a writer to end.
    static var isWriter: Bool {
        get { unsafe pthread_getspecific(writerKey) != nil }
        set {
            unsafe pthread_setspecific(writerKey, UnsafeRawPointer(bitPattern: newValue ? 1 : 0))
        }
    }

    /// How many latches it shares at the moment.
    static var sharedDepth: Int {
        get { unsafe Int(bitPattern: pthread_getspecific(depthKey)) }
        set { unsafe pthread_setspecific(depthKey, UnsafeRawPointer(bitPattern: newValue)) }
    }

    private static func makeKey() -> pthread_key_t {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key, nil)
        return key
    }
}
