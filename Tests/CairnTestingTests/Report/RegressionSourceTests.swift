import CairnTesting
import Foundation
import Testing

struct RegressionSourceTests {
    @Test func `show`() async throws {
        for (name, error) in await GallerySuite.all() {
            print("=====", name)
            print(error?.regressionSource ?? "NONE \(error.map { "\($0)" } ?? "no error")")
        }
    }
}
