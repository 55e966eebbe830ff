// RUN: tt-opt %s -p canonicalize | filecheck %s

// Repetitions.

// A repetition by ones is none.
func.func @by_ones(%x : tensor<2x3xf32>) -> (tensor<2x3xf32>) {
  %a = "ttir.repeat"(%x) <{repeat_dimensions = array<i64: 1, 1>}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %b = "ttir.repeat_interleave"(%a) <{repeats = 1 : ui32, dim = 0 : si32}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  func.return %b : tensor<2x3xf32>
}
// CHECK-LABEL: func.func @by_ones(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
// CHECK-NEXT:    func.return %x : tensor<2x3xf32>
// CHECK-NEXT:  }

// Two are one: of the whole, or of each element along one dimension.
func.func @merged(%x : tensor<2x3xf32>) -> (tensor<12x6xf32>, tensor<2x18xf32>, tensor<4x6xf32>) {
  %a = "ttir.repeat"(%x) <{repeat_dimensions = array<i64: 2, 1>}> : (tensor<2x3xf32>) -> tensor<4x3xf32>
  %b = "ttir.repeat"(%a) <{repeat_dimensions = array<i64: 3, 2>}> : (tensor<4x3xf32>) -> tensor<12x6xf32>
  %c = "ttir.repeat_interleave"(%x) <{repeats = 2 : ui32, dim = -1 : si32}> : (tensor<2x3xf32>) -> tensor<2x6xf32>
  %d = "ttir.repeat_interleave"(%c) <{repeats = 3 : ui32, dim = 1 : si32}> : (tensor<2x6xf32>) -> tensor<2x18xf32>
  %e = "ttir.repeat_interleave"(%c) <{repeats = 2 : ui32, dim = 0 : si32}> : (tensor<2x6xf32>) -> tensor<4x6xf32>
  func.return %b, %d, %e : tensor<12x6xf32>, tensor<2x18xf32>, tensor<4x6xf32>
}
// CHECK-LABEL: func.func @merged(%x: tensor<2x3xf32>) -> (tensor<12x6xf32>, tensor<2x18xf32>, tensor<4x6xf32>) {
// CHECK-NEXT:    %b = "ttir.repeat"(%x) <{repeat_dimensions = array<i64: 6, 2>}> : (tensor<2x3xf32>) -> tensor<12x6xf32>
// CHECK-NEXT:    %c = "ttir.repeat_interleave"(%x) <{repeats = 2 : ui32, dim = -1 : si32}> : (tensor<2x3xf32>) -> tensor<2x6xf32>
// CHECK-NEXT:    %d = "ttir.repeat_interleave"(%x) <{dim = 1 : si32, repeats = 6 : ui32}> : (tensor<2x3xf32>) -> tensor<2x18xf32>
// CHECK-NEXT:    %e = "ttir.repeat_interleave"(%c) <{repeats = 2 : ui32, dim = 0 : si32}> : (tensor<2x6xf32>) -> tensor<4x6xf32>
// CHECK-NEXT:    func.return %b, %d, %e : tensor<12x6xf32>, tensor<2x18xf32>, tensor<4x6xf32>
// CHECK-NEXT:  }

// Not one of the whole and one of each element, nor where the element type changes in between.
func.func @not_merged(%x : tensor<2xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %a = "ttir.repeat"(%x) <{repeat_dimensions = array<i64: 2>}> : (tensor<2xf32>) -> tensor<4xf32>
  %b = "ttir.repeat_interleave"(%a) <{repeats = 2 : ui32, dim = 0 : si32}> : (tensor<4xf32>) -> tensor<8xf32>
  %c = "ttir.repeat"(%x) <{repeat_dimensions = array<i64: 2>}> : (tensor<2xf32>) -> tensor<4xbf16>
  %d = "ttir.repeat"(%c) <{repeat_dimensions = array<i64: 2>}> : (tensor<4xbf16>) -> tensor<8xf32>
  func.return %b, %d : tensor<8xf32>, tensor<8xf32>
}
// CHECK-LABEL: func.func @not_merged(%x: tensor<2xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
// CHECK-NEXT:    %a = "ttir.repeat"(%x) <{repeat_dimensions = array<i64: 2>}> : (tensor<2xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %b = "ttir.repeat_interleave"(%a) <{repeats = 2 : ui32, dim = 0 : si32}> : (tensor<4xf32>) -> tensor<8xf32>
// CHECK-NEXT:    %c = "ttir.repeat"(%x) <{repeat_dimensions = array<i64: 2>}> : (tensor<2xf32>) -> tensor<4xbf16>
// CHECK-NEXT:    %d = "ttir.repeat"(%c) <{repeat_dimensions = array<i64: 2>}> : (tensor<4xbf16>) -> tensor<8xf32>
// CHECK-NEXT:    func.return %b, %d : tensor<8xf32>, tensor<8xf32>
// CHECK-NEXT:  }

// Along dimensions of extent 1 both are broadcasts.
func.func @broadcast(%x : tensor<2x1xf32>, %y : tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x4xf32>) {
  %a = "ttir.repeat"(%x) <{repeat_dimensions = array<i64: 1, 3>}> : (tensor<2x1xf32>) -> tensor<2x3xf32>
  %b = "ttir.add"(%a, %y) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %c = "ttir.repeat_interleave"(%x) <{repeats = 4 : ui32, dim = 1 : si32}> : (tensor<2x1xf32>) -> tensor<2x4xf32>
  func.return %b, %c : tensor<2x3xf32>, tensor<2x4xf32>
}
// CHECK-LABEL: func.func @broadcast(%x: tensor<2x1xf32>, %y: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x4xf32>) {
// CHECK-NEXT:    %b = "ttir.add"(%x, %y) : (tensor<2x1xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK-NEXT:    %c = "ttir.broadcast"(%x) <{broadcast_dimensions = array<i64: 1, 4>}> : (tensor<2x1xf32>) -> tensor<2x4xf32>
// CHECK-NEXT:    func.return %b, %c : tensor<2x3xf32>, tensor<2x4xf32>
// CHECK-NEXT:  }

// Equal numbers are equal however often they are repeated.
func.func @filled() -> (tensor<4x9xf32>) {
  %z = "ttir.full"() <{shape = array<i32: 2, 3>, fill_value = 2.0 : f32}> : () -> tensor<2x3xf32>
  %a = "ttir.repeat"(%z) <{repeat_dimensions = array<i64: 2, 1>}> : (tensor<2x3xf32>) -> tensor<4x3xf32>
  %b = "ttir.repeat_interleave"(%a) <{repeats = 3 : ui32, dim = 1 : si32}> : (tensor<4x3xf32>) -> tensor<4x9xf32>
  func.return %b : tensor<4x9xf32>
}
// CHECK-LABEL: func.func @filled() -> tensor<4x9xf32> {
// CHECK-NEXT:    %b = "ttir.full"() <{fill_value = 2.000000e+00 : f32, shape = array<i32: 4, 9>}> : () -> tensor<4x9xf32>
// CHECK-NEXT:    func.return %b : tensor<4x9xf32>
// CHECK-NEXT:  }
