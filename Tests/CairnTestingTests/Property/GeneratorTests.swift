import CairnCore
import CairnTesting
import Testing

/// What generators make.
struct GeneratorTests {
    @Test func `values lie in their ranges, up to both ends`() throws {
        let small = try values(of: .int(in: -3...3))
        #expect(Set(small) == Set(-3...3))
        let wide = try values(of: .integer(in: UInt8.min...UInt8.max), caseCount: 5_000)
        #expect(Set(wide).count == 256)
        let whole = try values(of: .int())
        #expect(whole.contains(.min) && whole.contains(.max) && whole.contains(0))
        let unsigned = try values(of: Generator<UInt64>.integer())
        #expect(unsigned.contains(.max) && unsigned.contains(0))
        let doubles = try values(of: .double(in: -1...2))
        #expect(doubles.allSatisfy { $0 >= -1 && $0 <= 2 })
        #expect(doubles.contains(-1) && doubles.contains(2) && doubles.contains { $0 > 1.1 })
        #expect(try values(of: .double()).allSatisfy(\.isFinite))
        #expect(try values(of: .anyDouble).contains { $0.isNaN })
        let floats = try values(of: .float(in: 0.1...0.2))
        #expect(floats.allSatisfy { $0 >= 0.1 && $0 <= 0.2 })
    }

    @Test func `a range of one value has that value`() throws {
        #expect(Set(try values(of: .int(in: 7...7))) == [7])
        #expect(Set(try values(of: .int(in: .min ... .min))) == [.min])
        #expect(Set(try values(of: .integer(in: UInt64.max...UInt64.max))) == [.max])
        #expect(Set(try values(of: .integer(in: Int128.min...Int128.min))) == [.min])
        #expect(Set(try values(of: .double(in: 0.5...0.5))) == [0.5])
        #expect(try values(of: .double(in: -0.0 ... -0.0)).allSatisfy { $0.sign == .minus })
        #expect(try values(of: .double(in: 0.0...1.0)).allSatisfy { $0.sign == .plus })
        #expect(Set(try values(of: .array(of: .bool(), count: 0...0))) == [[]])
    }

    @Test func `a wide integer keeps to its range`() throws {
        let range = Int128.min + 5...Int128.min + 5 + Int128(UInt64.max) * 3
        let all = try values(of: .integer(in: range))
        #expect(all.allSatisfy { range.contains($0) })
        #expect(Set(all).count > 100)
        #expect(Set(try values(of: Generator<Int128>.integer()).map { $0.signum() }).count == 3)
    }

    @Test func `collections have as many elements as they may`() throws {
        let lists = try values(of: .array(of: .bool(), count: 2...4))
        #expect(Set(lists.map(\.count)) == [2, 3, 4])
        let free = try values(of: .array(of: .bool()))
        #expect(free.contains([]) && free.contains { $0.count > 20 })
        let sets = try values(of: .set(of: .int(in: 0...4), count: 1...5))
        #expect(Set(sets.map(\.count)).isSuperset(of: 1...3))
        let names = try values(of: .dictionary(of: .text(), to: .int(), count: 0...3))
        #expect(names.allSatisfy { $0.count <= 3 })
        let bytes = try values(of: .bytes(count: 3...3))
        #expect(bytes.allSatisfy { $0.count == 3 })
    }

    @Test func `a set of all that there is gets full`() throws {
        let settings = PropertySettings(caseCountMax: 200, seed: 1)
        let summary = try check("sets get full", settings: settings) { draw in
            let set = try draw(.set(of: .int(in: 0...15), count: 16...16))
            try draw.expect(set, equals: Set(0...15))
        }
        #expect(summary.discardedCount < 20)
    }

    @Test func `no scalar of an alphabet comes up more often for lying at its end`() throws {
        for (alphabet, last) in [(Alphabet.printableASCII, "~"), (.ascii, "\u{7F}")] {
            let scalars = try values(of: .scalar(alphabet), caseCount: 4_000)
            let count = scalars.count { String($0) == last }
            #expect(count > 0 && count < 200, "\(alphabet)")
        }
    }

    @Test func `durations keep to ranges that begin or end between nanoseconds`() throws {
        let bounds: [(Int64, Int64)] = [
            (1, 2_000_000_000), (-2_000_000_000, -1), (1_999_999_999, 2_000_000_000),
            (-1_000_000_001, -999_999_999), (-1, 1),
        ]
        for (lower, upper) in bounds {
            let range = Duration.attoseconds(lower)...Duration.attoseconds(upper)
            let durations = try values(of: .duration(in: range))
            #expect(durations.allSatisfy { range.contains($0) }, "\(range)")
        }
        let wide = try values(of: .duration(in: .seconds(Int64.min) ... .seconds(Int64.max)))
        #expect(wide.contains(.nanoseconds(Int64.min)) && wide.contains(.nanoseconds(Int64.max)))
    }

    @Test func `a range without any duration that is made is refused`() async {
        await #expect(processExitsWith: .failure) {
            let none = Duration.attoseconds(1)...Duration.attoseconds(999_999_999)
            _ = Generator<Duration>.duration(in: none)
        }
        await #expect(processExitsWith: .failure) {
            _ = Generator<Duration>.duration(in: .seconds(Int64.max) ... .seconds(Int64.max))
        }
    }

    @Test func `a set that cannot be large enough discards its case`() {
        let error = failure { _ = try $0(.set(of: .bool(), count: 3...3)) }
        guard case .tooManyDiscarded(_, let summary) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(summary.passedCount == 0)
    }

    @Test func `alternatives come up by their weights`() throws {
        let rare = try values(of: .frequency([(1, .constant(0)), (9, .constant(1))]))
        let count = rare.count { $0 == 0 }
        #expect((20...110).contains(count))
        #expect(Set(try values(of: .one(of: .constant(1), .constant(2), .constant(3)))).count == 3)
        #expect(Set(try values(of: .sampled(from: ["a", "b"]))) == ["a", "b"])
        #expect(Set(try values(of: .allCases())) == Set(Alphabet.allCases))
        let optional = try values(of: .optional(.int()))
        #expect(optional.contains(nil) && optional.contains { $0 != nil })
        let results = try values(
            of: Generator<Result<Int, Broken>>.result(.int(), .constant(Broken()))
        )
        #expect(results.contains { if case .failure = $0 { true } else { false } })
    }

    @Test func `texts are Unicode, and names come up again`() throws {
        let texts = try values(of: .text())
        #expect(texts.contains("") && texts.contains { $0.unicodeScalars.contains("\u{301}") })
        #expect(texts.contains { $0.unicodeScalars.contains { $0.value > 0xFFFF } })
        let plain = try values(of: .text(.printableASCII, count: 1...5))
        #expect(plain.allSatisfy { $0.utf8.allSatisfy { (32...126).contains($0) } })
        let control = try values(of: .text(.ascii))
        #expect(control.contains { $0.utf8.contains { $0 < 32 } })
        #expect(control.allSatisfy { $0.utf8.allSatisfy { $0 < 128 } })
        let pairs = try values(of: .array(of: .text(count: 12...12), count: 2...6))
        // Texts of the letter a alone are equal without that.
        let names = pairs.map { $0.filter { Set($0.unicodeScalars).count > 4 } }
        #expect(names.count { Set($0).count < $0.count } > 20)
    }

    @Test func `numbers come up again, and so do their neighbours`() throws {
        let lists = try values(of: .array(of: .int(), count: 2...6))
        let large = lists.map {
            $0.filter { 1_000_000_000 < abs($0 / 2) && abs($0 / 2) < .max / 4 }
        }
        #expect(large.count { Set($0).count < $0.count } > 20)
        #expect(large.count { list in list.contains { list.contains($0 + 1) } } > 5)
    }

    @Test func `times, bytes of a UUID and JSON are what they say`() throws {
        let instants = try values(of: .timestamp())
        #expect(instants.contains(.distantPast) && instants.contains(.distantFuture))
        let day = Timestamp.unixEpoch...Timestamp(nanoseconds: 86_400_000_000_000)
        #expect(try values(of: .timestamp(in: day)).allSatisfy { day.contains($0) })
        #expect(try values(of: .timeSpan()).contains { $0 < .zero })
        let second = Duration.zero...Duration.seconds(1)
        #expect(try values(of: .duration(in: second)).allSatisfy { second.contains($0) })
        let ids = try values(of: .uuidBytes)
        #expect(ids.allSatisfy { $0.count == 16 && $0[6] >> 4 == 4 && $0[8] >> 6 == 2 })
        let json = try values(of: .json())
        #expect(Set(json.map(\.kind)).count == 6)
        for value in json {
            #expect(try JSONValue.parse(Array(value.description.utf8)) == value)
        }
    }

    @Test func `a recursive value is bounded, and reaches its bound`() throws {
        indirect enum Tree: Sendable {
            case leaf
            case node(Tree, Tree)

            var depth: Int {
                switch self {
                case .leaf: 0
                case .node(let left, let right): 1 + max(left.depth, right.depth)
                }
            }
        }
        let trees = try values(
            of: Generator<Tree>.recursive(.constant(.leaf), depthMax: 4) {
                Generator<(Tree, Tree)>.tuple($0, $0).map { .node($0, $1) }
            }
        )
        #expect(Set(trees.map(\.depth)) == [0, 1, 2, 3, 4])
    }

    @Test func `a generator made of draws and one made of another agree`() throws {
        struct Point: Hashable { var x, y: Int }
        let point = Generator { draw in
            Point(x: try draw(.int(in: 0...9)), y: try draw(.int(in: 0...9)))
        }
        #expect(minimal(point) { $0.x > 3 && $0.y > 4 } == "Point(x: 4, y: 5)")
        let dependent = Generator<Int>.int(in: 1...9).flatMap { bound in
            Generator<Int>.int(in: 0...bound).map { (bound, $0) }
        }
        #expect(try values(of: dependent).allSatisfy { $0.1 <= $0.0 })
        let texts = Generator<Int>.int(in: 0...200).compactMap { $0 < 150 ? "\($0)" : nil }
        #expect(try values(of: texts).contains("149"))
    }

    @Test func `the same seed draws the same values`() throws {
        let first = try values(of: .array(of: .json()), seed: 5, caseCount: 100)
        #expect(try values(of: .array(of: .json()), seed: 5, caseCount: 100) == first)
        #expect(try values(of: .array(of: .json()), seed: 6, caseCount: 100) != first)
    }
}

extension Duration {
    fileprivate static func attoseconds(_ count: Int64) -> Duration {
        Duration(secondsComponent: 0, attosecondsComponent: count)
    }
}
