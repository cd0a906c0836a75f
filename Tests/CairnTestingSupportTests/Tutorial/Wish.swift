// begin: foundation
import Cairn
import CairnTesting
import Foundation

extension Generator where Value == Date {
    /// Moments; the first of 1970 is simplest.
    static func date(
        in range: ClosedRange<Timestamp> = .distantPast ... .distantFuture
    ) -> Self {
        Generator<Timestamp>.timestamp(in: range).map { instant in
            Date(timeIntervalSince1970: Double(instant.nanoseconds) / 1e9)
        }
    }
}

extension Generator where Value == UUID {
    /// Random UUIDs, of version 4.
    static var uuid: Self {
        Generator<[UInt8]>.uuidBytes.map { byte in
            UUID(
                uuid: (
                    byte[0], byte[1], byte[2], byte[3], byte[4], byte[5], byte[6], byte[7],
                    byte[8], byte[9], byte[10], byte[11], byte[12], byte[13], byte[14], byte[15]
                )
            )
        }
    }
}
// end

// begin: enumeration
/// What a customer may want.
enum Wish: Hashable, Sendable {
    case redeem
    case buy(cups: Int)
    case give(stamps: Int, to: String)

    /// The cases without their values, the simplest one first.
    enum Kind: CaseIterable { case redeem, buy, give }

    var kind: Kind {
        switch self {
        case .redeem: .redeem
        case .buy: .buy
        case .give: .give
        }
    }
}

extension Generator where Value == Wish {
    static var wish: Self {
        .one(of: Wish.Kind.allCases.map { wish(of: $0) })
    }

    private static func wish(of kind: Wish.Kind) -> Self {
        switch kind {
        case .redeem: .constant(.redeem)
        case .buy: Generator<Int>.int(in: 1...4).map { .buy(cups: $0) }
        case .give:
            Generator<(Int, String)>.tuple(.int(in: 1...9), .text(count: 1...8))
                .map { .give(stamps: $0, to: $1) }
        }
    }
}
// end
