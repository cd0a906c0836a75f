import CairnTesting
import Foundation
import XCTest

/// The plain calls of the harness, from a test case of XCTest.
final class PlainCallTests: XCTestCase {
    /// Whether the property of this test case does not hold.
    @TaskLocal private static var isBroken = false

    func testNumbersAreSmall() throws {
        try check("numbers are small", settings: PropertySettings(seed: 1)) { draw in
            let number = try draw(.int(in: 0...1_000), "number")
            try draw.expect(!Self.isBroken || number < 100)
        }
    }

    func testWhatWaits() async throws {
        let summary = try await check("numbers are numbers") { draw in
            await Task.yield()
            _ = try draw(.int())
        }
        XCTAssertEqual(summary.passedCount, 500)
    }

    func testAFailureIsThrownWithItsReport() throws {
        try Self.$isBroken.withValue(true) {
            XCTAssertThrowsError(try testNumbersAreSmall()) { error in
                XCTAssertTrue("\(error)".hasPrefix("not true: numbers are small\n  number = 100\n"))
                XCTAssertTrue("\(error)".contains("    extension PlainCallTests {\n"))
            }
        }
    }

    /// The test to keep is a file of this target, word for word.
    func testTheRegressionTestIsTheOneThatIsPrinted() throws {
        try Self.$isBroken.withValue(true) {
            XCTAssertThrowsError(try testNumbersAreSmall()) { error in
                let source = (error as? PropertyError)?.regressionSource
                let name = #filePath.replacing("PlainCallTests.swift", with: "")
                let kept = try? String(contentsOfFile: name + "Regression.swift", encoding: .utf8)
                XCTAssertEqual(source, kept)
            }
            XCTAssertThrowsError(try testRegression_788cc6a3())
        }
    }
}
