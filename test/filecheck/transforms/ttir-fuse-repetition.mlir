// RUN: tt-opt %s -p ttir-fuse | filecheck %s

// Repetitions.

func.func @elements(%x : tensor<2x3x8xf32>) -> tensor<2x12x8xf32> {
  %u = "ttir.unsqueeze"(%x) <{dim = 2 : si32}> : (tensor<2x3x8xf32>) -> tensor<2x3x1x8xf32>
  %b = "ttir.broadcast"(%u) <{broadcast_dimensions = array<i64: 1, 1, 4, 1>}> : (tensor<2x3x1x8xf32>) -> tensor<2x3x4x8xf32>
  %a = "ttir.reshape"(%b) <{shape = [2 : i32, 12 : i32, 8 : i32]}> : (tensor<2x3x4x8xf32>) -> tensor<2x12x8xf32>
  func.return %a : tensor<2x12x8xf32>
}
// CHECK-LABEL: func.func @elements(
// CHECK-NEXT:    %a = "ttir.repeat_interleave"(%x) <{dim = 1 : si32, repeats = 4 : ui32}>
// CHECK-NEXT:    func.return %a : tensor<2x12x8xf32>

func.func @whole(%x : tensor<2x3x8xf32>) -> tensor<2x12x8xf32> {
  %u = "ttir.reshape"(%x) <{shape = [2 : i32, 1 : i32, 3 : i32, 8 : i32]}> : (tensor<2x3x8xf32>) -> tensor<2x1x3x8xf32>
  %b = "ttir.broadcast"(%u) <{broadcast_dimensions = array<i64: 1, 4, 1, 1>}> : (tensor<2x1x3x8xf32>) -> tensor<2x4x3x8xf32>
  %a = "ttir.reshape"(%b) <{shape = [2 : i32, 12 : i32, 8 : i32]}> : (tensor<2x4x3x8xf32>) -> tensor<2x12x8xf32>
  func.return %a : tensor<2x12x8xf32>
}
// CHECK-LABEL: func.func @whole(
// CHECK-NEXT:    %a = "ttir.repeat"(%x) <{repeat_dimensions = array<i64: 1, 4, 1>}>
// CHECK-NEXT:    func.return %a : tensor<2x12x8xf32>

func.func @two_dimensions(%x : tensor<1x3x8xf32>) -> tensor<2x12x8xf32> {
  %u = "ttir.unsqueeze"(%x) <{dim = 2 : si32}> : (tensor<1x3x8xf32>) -> tensor<1x3x1x8xf32>
  %b = "ttir.broadcast"(%u) <{broadcast_dimensions = array<i64: 2, 1, 4, 1>}> : (tensor<1x3x1x8xf32>) -> tensor<2x3x4x8xf32>
  %a = "ttir.reshape"(%b) <{shape = [2 : i32, 12 : i32, 8 : i32]}> : (tensor<2x3x4x8xf32>) -> tensor<2x12x8xf32>
  func.return %a : tensor<2x12x8xf32>
}
// CHECK-LABEL: func.func @two_dimensions(
// CHECK-NEXT:    %u = "ttir.unsqueeze"(%x)
// CHECK-NEXT:    %b = "ttir.broadcast"(%u)
// CHECK-NEXT:    %a = "ttir.reshape"(%b)
// CHECK-NEXT:    func.return %a : tensor<2x12x8xf32>

func.func @other_shape(%x : tensor<2x3x8xf32>) -> tensor<24x8xf32> {
  %u = "ttir.unsqueeze"(%x) <{dim = 2 : si32}> : (tensor<2x3x8xf32>) -> tensor<2x3x1x8xf32>
  %b = "ttir.broadcast"(%u) <{broadcast_dimensions = array<i64: 1, 1, 4, 1>}> : (tensor<2x3x1x8xf32>) -> tensor<2x3x4x8xf32>
  %a = "ttir.reshape"(%b) <{shape = [24 : i32, 8 : i32]}> : (tensor<2x3x4x8xf32>) -> tensor<24x8xf32>
  func.return %a : tensor<24x8xf32>
}
// CHECK-LABEL: func.func @other_shape(
// CHECK-NEXT:    %u = "ttir.unsqueeze"(%x)
// CHECK-NEXT:    %b = "ttir.broadcast"(%u)
// CHECK-NEXT:    %a = "ttir.reshape"(%b)
// CHECK-NEXT:    func.return %a : tensor<24x8xf32>
