import Cairn
import CairnTesting
import Foundation
import Testing

struct WishTests {
    // begin: kinds
    @Test func `every kind of wish comes up`() throws {
        try check("every kind of wish comes up") { draw in
            let wish = try draw(.wish, "wish")
            for kind in Wish.Kind.allCases { draw.sometimes(wish.kind == kind, "\(kind)") }
        }
    }
    // end

    @Test func `the simplest wish is the first kind`() {
        let error = #expect(throws: PropertyError.self) {
            try check("nothing is given", settings: PropertySettings(seed: 1)) { draw in
                let wish = try draw(.wish, "wish")
                if case .give(let stamps, _) = wish { try draw.expect(stamps < 3) }
            }
        }
        guard case .falsified(let report) = error else { return }
        #expect(report.failures[0].values.map(\.text) == ["give(stamps: 3, to: \"a\")"])
        // A value of Foundation is written into a test like any other.
        #expect(report.failures[0].regressionSource?.contains("Wish.give(stamps: 3") == true)
    }

    @Test func `moments lie between two others, and identifiers are of version 4`() throws {
        let second = Timestamp(nanoseconds: 1_000_000_000)
        try check("values of Foundation", settings: PropertySettings(seed: 1)) { draw in
            let date = try draw(.date(in: .unixEpoch...second))
            try draw.expect((0...1).contains(date.timeIntervalSince1970))
            draw.sometimes(date.timeIntervalSince1970 > 0.1, "between")
            let id = Array(try draw(.uuid).uuidString)
            try draw.expect(id[14] == "4" && "89AB".contains(id[19]))
        }
        var dates: Set<Date> = []
        try check("dates", settings: PropertySettings(seed: 1)) { dates.insert(try $0(.date())) }
        #expect(dates.count > 100)
    }
}
