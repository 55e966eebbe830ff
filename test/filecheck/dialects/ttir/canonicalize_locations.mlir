// RUN: tt-opt %s -p canonicalize --print-debuginfo | filecheck %s

// An op that is put in the place of another has its location.

func.func @locations(%x : tensor<2x3xf32>, %w : tensor<1x3xf32>) -> (tensor<6xf32>, tensor<2x3xf32>, tensor<3xbf16>) {
  %a = "ttir.reshape"(%x) <{shape = [3 : i32, 2 : i32]}> : (tensor<2x3xf32>) -> tensor<3x2xf32> loc("model.py":1:1)
  %b = "ttir.reshape"(%a) <{shape = [6 : i32]}> : (tensor<3x2xf32>) -> tensor<6xf32> loc("encoder"("model.py":2:1))
  %c = "ttir.broadcast"(%w) <{broadcast_dimensions = array<i64: 2, 1>}> : (tensor<1x3xf32>) -> tensor<2x3xf32>
  %d = "ttir.add"(%x, %c) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32> loc("model.py":3:1)
  %e = "ttir.constant"() <{value = dense<2.0> : tensor<3xbf16>}> : () -> tensor<3xbf16> loc("model.py":4:1)
  func.return %b, %d, %e : tensor<6xf32>, tensor<2x3xf32>, tensor<3xbf16>
}
// CHECK:      "ttir.reshape"(%x) {{.*}} loc("encoder"("model.py":2:1))
// CHECK-NEXT: "ttir.add"(%x, %w) {{.*}} loc("model.py":3:1)
// CHECK-NEXT: "ttir.full"() {{.*}} loc("model.py":4:1)
