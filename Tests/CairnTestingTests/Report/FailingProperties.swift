import CairnCore
import CairnTesting
import Foundation
import Testing

// Properties and machines that do not hold, for what becomes of their failures. This file is also
// compiled beside the sources that are made of them.

/// Something to pay for, with words in it that mean something else in Swift.
enum Purchase: Hashable, Sendable {
    case `default`
    case `self`(in: Int)
    case `init`(String, count: Int8)
    case none
    case price(Price?)
    indirect case pair(Purchase, Purchase)
    case `of many`([Int: [Double]])
}

struct Price: Hashable, Sendable {
    var cents: UInt16
    var `inout`: Bool
    var taxes: [Tax<String>]

    struct Tax<Name: Hashable & Sendable>: Hashable, Sendable {
        var name: Name
        var `class`: Float
    }
}

/// A structure whose initialiser is not that of its properties.
struct Sealed: Hashable, Sendable, SwiftLiteralConvertible {
    private let number: Int

    init(of number: Int) {
        self.number = number
    }

    var isLarge: Bool { number > 99 }
    var swiftLiteral: String { "Sealed(of: \(number))" }
}

/// An object, which no literal makes.
final class Opaque: Sendable {
    let number: Int

    init(_ number: Int) {
        self.number = number
    }
}

struct Unwanted: Error {}

/// A turnstile that can be pushed open.
struct CoinGate: Machine {
    struct State: Hashable, Sendable { var isOpen = false, coinCount = 0 }
    enum Command: Hashable, Sendable {
        case insert(coins: Int)
        case push
        case kick(times: Int, reason: String)
    }

    enum Event: Hashable, Sendable { case paid(Int), passed, broken }
    enum Rejection: Error { case closed }

    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] {
        switch command {
        case .insert(let count): [.paid(count)]
        case .push where state.isOpen: [.passed]
        case .push: throw .closed
        case .kick(let times, _): times > 2 ? [.broken] : []
        }
    }

    func evolve(_ state: inout State, by event: Event) {
        switch event {
        case .paid(let count): (state.isOpen, state.coinCount) = (true, state.coinCount + count)
        case .passed: state.isOpen = false
        case .broken: state.isOpen = true
        }
    }
}

/// Waits too long for a command.
struct Timer: Machine {
    struct State: Hashable, Sendable { var last: Timestamp? }
    enum Command: Hashable, Sendable { case tick }
    enum Event: Hashable, Sendable { case ticked(Timestamp), late }
    enum Rejection: Error { case never }

    var initial: State { State() }

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] {
        let pause = state.last.map { context.now.since($0).nanoseconds } ?? 0
        return pause > 1_000_000_000 ? [.late] : [.ticked(context.now)]
    }

    func evolve(_ state: inout State, by event: Event) {
        state.last = if case .ticked(let instant) = event { instant } else { .distantFuture }
    }
}

private let settings = PropertySettings(seed: 1, failureCountMax: 1)

func galleryNumbers() throws {
    try check("small \\(numbers) \"only\"\n", settings: settings) { draw in
        let number = try draw(.int(), "number")
        _ = try draw(.int(), "nothing")
        if number < -999 { throw Unwanted() }
    }
}

func galleryExtremes() throws {
    try check("no extremes", settings: settings) { draw in
        let lowest = try draw(.constant(Int.min), "lowest")
        let highest = try draw(.constant(UInt64.max), "highest")
        let small = try draw(.constant(Int8.min), "small")
        let empty = try draw(.constant([Int]()), "empty")
        let none = try draw(.constant([String: Set<Int8>]()), "none")
        let wide = try draw(.constant(Int128.min), "wide")
        if lowest < 0, highest > 0, small < 0, empty.isEmpty, none.isEmpty, wide < 0 {
            throw Unwanted()
        }
    }
}

func galleryFloats() throws {
    try check("no strange floats", settings: settings) { draw in
        let values: [Double] = [
            .nan, -.infinity, .infinity, -0.0, .leastNonzeroMagnitude, -1e300, 0.1,
        ]
        let list = try draw(.constant(values), "list")
        let nan = try draw(.constant(Double(bitPattern: 0xFFF8_0000_0000_0001)), "nan")
        let infinite = try draw(.constant(-Double.infinity), "infinite")
        let float = try draw(.constant(-Float.infinity), "float")
        if list.map(\.bitPattern) == values.map(\.bitPattern), infinite < 0, float < 0,
            nan.bitPattern == 0xFFF8_0000_0000_0001
        {
            throw Unwanted()
        }
    }
}

func galleryTexts() throws {
    let marks = "\"\\(x)\\ # \"#\n\r\n\t\0\u{7F}\u{1}1 "
    let hostile = marks + "\u{202E}e\u{301}\u{FEFF} \u{1F469}\u{200D}"
    try check("no strange texts", settings: settings) { draw in
        let text = try draw(.constant(hostile), "text")
        let character = try draw(.constant(Character("\r\n")), "character")
        let scalar = try draw(.constant(Unicode.Scalar(0x2028)), "scalar")
        let part = try draw(.constant(hostile.dropFirst()), "part")
        if Array(text.utf8) == Array(hostile.utf8), character == "\r\n", scalar?.value == 0x2028,
            part == hostile.dropFirst()
        {
            throw Unwanted()
        }
    }
}

func galleryCases() throws {
    let price = Price(cents: 1, `inout`: true, taxes: [Price.Tax(name: "\"", class: 0.5)])
    let purchases: [Purchase] = [
        .default, .`self`(in: -1), .`init`("a", count: -128), .none, .price(nil), .price(price),
        .pair(.none, .pair(.default, .price(nil))), .`of many`([:]), .`of many`([1: [], 2: [-1]]),
    ]
    try check("no purchases", settings: settings) { draw in
        let purchase = try draw(.constant(purchases), "all")
        let one = try draw(.constant(Purchase?.some(.none)), "one")
        let deep = try draw(.constant(Purchase??.some(.some(.default))), "deep")
        let nothing = try draw(.constant(Int??.some(nil)), "nothing")
        if purchase == purchases, one == .some(.none), deep == .default, nothing != nil {
            throw Unwanted()
        }
    }
}

func galleryFoundation() throws {
    let id = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
    let instant = Date(timeIntervalSinceReferenceDate: -0.5)
    let data = Data([0, 255])
    try check("no foundations", settings: settings) { draw in
        let ids = try draw(.constant([id: instant]), "ids")
        let bytes = try draw(.constant(data), "bytes")
        let amount = try draw(.constant(Decimal(string: "-1.50") ?? 0), "amount")
        if ids == [id: instant], bytes == data, amount < 0 { throw Unwanted() }
    }
}

func galleryShapes() throws {
    try check("no shapes", settings: settings) { draw in
        let tuple = try draw(.constant((1, x: "a", nothing: Int?.none)), "tuple")
        let closed = try draw(.constant(Int8(-1)...3), "closed")
        let open = try draw(.constant(0.0..<1.0), "open")
        let pause = try draw(.constant(Duration.nanoseconds(-1)), "pause")
        let result = try draw(.constant(Result<Int, Never>.success(1)), "result")
        if tuple.x == "a", closed.count == 5, !open.isEmpty, pause < .zero, case .success = result {
            throw Unwanted()
        }
    }
}

func galleryCore() throws {
    try check("no instants", settings: settings) { draw in
        let instant = try draw(.timestamp(), "instant")
        let span = try draw(.timeSpan(), "span")
        let stream = try draw(.constant([try StreamID("a/\"b")]), "stream")
        let position = try draw(.constant(Position?.some(.first)), "position")
        if instant.nanoseconds != 0, span.nanoseconds > 10, stream[0].key == "\"b", position != nil
        {
            throw Unwanted()
        }
    }
}

func gallerySealed() throws {
    try check("sealed numbers are small", settings: settings) { draw in
        let list = try draw(.array(of: Generator.int(in: 0...1_000).map { Sealed(of: $0) }), "list")
        if list.contains(where: \.isLarge) { throw Unwanted() }
    }
}

func galleryOpaque() throws {
    try check("objects are small", settings: settings) { draw in
        let object = try draw(Generator.int(in: 0...1_000).map { Opaque($0) }, "object")
        let name = try draw(.constant("*/ \n \u{2028}"), "name")
        if object.number > 99, !name.isEmpty { throw Unwanted() }
    }
}

func galleryFunction() throws {
    try check("functions are small", settings: settings) { draw in
        let function = try draw(
            Generator.int(in: 0...1_000).map { number in { @Sendable in number } },
            "function"
        )
        if function() > 99 { throw Unwanted() }
    }
}

func galleryLawOfCommands() throws {
    try Laws.repetitionAddsNothing(
        CoinGate(),
        commands: .one(of: .constant(.push), .constant(.insert(coins: 1))),
        settings: settings
    )
}

func galleryLawOfEvents() throws {
    try Laws.anyEventsFold(
        CoinGate(),
        events: .sampled(from: [.paid(1), .passed]),
        commands: .constant(.push),
        invariants: [Invariant("a gate is closed") { !$0.isOpen }],
        settings: settings
    )
}

func galleryNothing() throws {
    try check("it holds", settings: settings) { _ in throw Unwanted() }
}

func galleryMachine() throws {
    let command = Generator<CoinGate.Command>.one(
        of: Generator.int(in: 1...5).map { .insert(coins: $0) },
        .constant(.push),
        Generator<Int>.int(in: 0...9).map { .kick(times: $0, reason: "*/") }
    )
    try check(
        "who passes has paid",
        machine: CoinGate(),
        commands: command,
        invariants: [Invariant("an open one was paid for") { !$0.isOpen || $0.coinCount > 0 }],
        settings: settings
    )
}

func galleryTimer() throws {
    try check(
        "never late",
        machine: Timer(),
        commands: .constant(.tick),
        invariants: [Invariant("it is not late") { $0.last != .distantFuture }],
        settings: settings
    )
}

/// A type with tests in it, some of which only an object of it can run.
struct FailingSuite {
    private let limit = 99

    @Test func `limits are kept`() {
        #expect(limit == 99)
    }

    struct Store: Sendable {
        var keys = Pool<String>()
        var model: [String: Int] = [:]
        var subject: [String: Int] = [:]
    }

    func `a store, beside a "model"`() throws {
        let put = Rule<Store>("put \"it\"") { store, draw in
            let key = try draw.reuse(store.keys, or: .text(), "key")
            let value = try draw(.int(), "value")
            store.keys.add(key)
            store.model[key] = value
            if store.subject[key] == nil { store.subject[key] = value }
        }
        let get = Rule<Store>("get", when: { !$0.keys.isEmpty }) { store, draw in
            let key = try draw.pick(store.keys, "key")
            try draw.expect(store.subject[key], equals: store.model[key])
        }
        try check("a store", startingWith: Store(), rules: [put, get], settings: settings)
    }

    private func isHidden() throws {
        try check("hidden", settings: settings) { draw in
            if try draw(.int(in: 0...1_000)) > limit { throw Unwanted() }
        }
    }

    static func shared(limit: Int = 99) throws {
        try check("shared", settings: settings) { draw in
            if try draw(.array(of: .int(in: 0...1_000))).contains(where: { $0 > limit }) {
                throw Unwanted()
            }
        }
    }

    mutating func changing() async throws {
        let rule = AsyncRule<Int>("add") { sum, draw in
            sum += Int(try draw(.integer(in: UInt8(0)...100), "by"))
            await Task.yield()
        }
        let small = Invariant<Int>("it is small") { $0 < 150 }
        try await check(
            "sums are small",
            startingWith: 0,
            rules: [rule],
            invariants: [small],
            settings: settings
        )
    }

    actor Account {
        var balance = 0
        func deposit(_ amount: Int) async {
            let before = balance
            await Task.yield()
            balance = before + amount
        }
    }

    enum Inner {
        @MainActor static func scheduled() async throws {
            try await check("no deposit is lost", scheduled: .any, settings: settings) { draw in
                let account = Account()
                async let first: Void = account.deposit(1)
                async let second: Void = account.deposit(1)
                _ = await (first, second)
                try draw.expect(await account.balance, equals: 2)
            }
        }

        static func swallowed() -> Int {
            do {
                try check("kept to itself", settings: settings) { draw in
                    if try !draw(.bool(), "flag") { throw Unwanted() }
                }
                return 0
            } catch {
                return 1
            }
        }
    }

    /// The sources of all failures of the gallery.
    static func all() async -> [(name: String, error: PropertyError?)] {
        let suite = FailingSuite()
        var changed = suite
        var found: [(name: String, error: PropertyError?)] = [
            ("numbers", error { try galleryNumbers() }),
            ("extremes", error { try galleryExtremes() }),
            ("floats", error { try galleryFloats() }),
            ("texts", error { try galleryTexts() }),
            ("cases", error { try galleryCases() }),
            ("foundation", error { try galleryFoundation() }),
            ("shapes", error { try galleryShapes() }),
            ("core", error { try galleryCore() }),
            ("sealed", error { try gallerySealed() }),
            ("opaque", error { try galleryOpaque() }),
            ("function", error { try galleryFunction() }),
            ("nothing", error { try galleryNothing() }),
            ("machine", error { try galleryMachine() }),
            ("law-of-commands", error { try galleryLawOfCommands() }),
            ("law-of-events", error { try galleryLawOfEvents() }),
            ("timer", error { try galleryTimer() }),
            ("rules", error { try suite.`a store, beside a "model"`() }),
            ("hidden", error { try suite.isHidden() }),
            ("static", error { try shared() }),
        ]
        do {
            try await changed.changing()
            found.append(("async", nil))
        } catch {
            found.append(("async", error as? PropertyError))
        }
        do {
            try await Inner.scheduled()
            found.append(("scheduled", nil))
        } catch {
            found.append(("scheduled", error as? PropertyError))
        }
        return found
    }

    private static func error(_ function: () throws -> Void) -> PropertyError? {
        do {
            try function()
            return nil
        } catch {
            return error as? PropertyError
        }
    }
}
