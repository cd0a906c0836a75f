public import CairnCore
public import CairnDomains
internal import CairnJournal
internal import Synchronization

/// All the time that a service knows of, so that a test can give it another one.
public struct ServiceClock: Sendable {
    /// The wall clock, which may jump: for what people read, and for waits across restarts of
    /// the machine.
    public var now: @Sendable () -> Timestamp
    /// The clock of this start of the machine, which nobody can set: for leases and waits.
    public var boot: @Sendable () -> BootInstant
    /// Waits for a span of the boot clock; throws when its task is cancelled.
    public var sleep: @Sendable (TimeSpan) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Timestamp,
        boot: @escaping @Sendable () -> BootInstant,
        sleep: @escaping @Sendable (TimeSpan) async throws -> Void
    ) {
        self.now = now
        self.boot = boot
        self.sleep = sleep
    }

    /// The clocks of the machine.
    public static let system: ServiceClock = {
        let boot = bootNumber()
        return ServiceClock(
            now: { .now() },
            boot: { BootInstant(boot: boot, nanoseconds: bootNanoseconds()) },
            sleep: { try await Task.sleep(for: .nanoseconds($0.nanoseconds)) }
        )
    }()

    /// The boot id that the kernel gives, folded; of a machine without one, 0.
    private static func bootNumber() -> UInt64 {
        guard let text = try? fileText(at: "/proc/sys/kernel/random/boot_id") else { return 0 }
        let digits = text.compactMap(\.hexDigitValue)
        return digits.enumerated().reduce(into: UInt64(0)) { number, digit in
            number ^= UInt64(digit.element) << UInt64((digit.offset % 16) * 4)
        }
    }
}
