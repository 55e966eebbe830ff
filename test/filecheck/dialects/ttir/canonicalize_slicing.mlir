// RUN: tt-opt %s -p canonicalize | filecheck %s

// Slices.

// The whole is no slice.
func.func @whole(%x : tensor<2x3xf32>) -> (tensor<2x3xf32>) {
  %a = "ttir.slice_static"(%x) <{begins = [0 : i32, -3 : i32], ends = [2 : i32, 3 : i32], step = [1 : i32, 1 : i32]}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %b = "ttir.index"(%a) <{dim = 1 : i32, begin = 0 : i32, end = 3 : i32, step = 1 : i32}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %c = "ttir.index_select"(%b) <{dim = 1 : si32, begin = 0 : si32, length = 2 : si32, stride = 2 : si32}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  func.return %c : tensor<2x3xf32>
}
// CHECK-LABEL: func.func @whole(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
// CHECK-NEXT:    func.return %x : tensor<2x3xf32>
// CHECK-NEXT:  }

// An index is a slice of one dimension.
func.func @index(%x : tensor<2x6xf32>) -> (tensor<2x2xf32>, tensor<2x3xf32>) {
  %a = "ttir.index"(%x) <{dim = 1 : i32, begin = -5 : i32, end = -1 : i32, step = 2 : i32}> : (tensor<2x6xf32>) -> tensor<2x2xf32>
  %b = "ttir.index"(%x) <{dim = 1 : i32, begin = 5 : i32, end = 0 : i32, step = -2 : i32}> : (tensor<2x6xf32>) -> tensor<2x3xf32>
  func.return %a, %b : tensor<2x2xf32>, tensor<2x3xf32>
}
// CHECK-LABEL: func.func @index(%x: tensor<2x6xf32>) -> (tensor<2x2xf32>, tensor<2x3xf32>) {
// CHECK-NEXT:    %a = "ttir.slice_static"(%x) <{begins = [0 : i32, 1 : i32], ends = [2 : i32, 5 : i32], step = [1 : i32, 2 : i32]}> : (tensor<2x6xf32>) -> tensor<2x2xf32>
// CHECK-NEXT:    %b = "ttir.slice_static"(%x) <{begins = [0 : i32, 5 : i32], ends = [2 : i32, 0 : i32], step = [1 : i32, -2 : i32]}> : (tensor<2x6xf32>) -> tensor<2x3xf32>
// CHECK-NEXT:    func.return %a, %b : tensor<2x2xf32>, tensor<2x3xf32>
// CHECK-NEXT:  }

// So are a window, windows of one element, and windows that touch; others are not.
func.func @index_select(%x : tensor<7xf32>) -> (tensor<2xf32>, tensor<3xf32>, tensor<6xf32>, tensor<4xf32>) {
  %a = "ttir.index_select"(%x) <{dim = 0 : si32, begin = 2 : si32, length = 2 : si32}> : (tensor<7xf32>) -> tensor<2xf32>
  %b = "ttir.index_select"(%x) <{dim = 0 : si32, begin = 1 : si32, length = 1 : si32, stride = 2 : si32}> : (tensor<7xf32>) -> tensor<3xf32>
  %c = "ttir.index_select"(%x) <{dim = 0 : si32, begin = 1 : si32, length = 2 : si32, stride = 2 : si32}> : (tensor<7xf32>) -> tensor<6xf32>
  %d = "ttir.index_select"(%x) <{dim = 0 : si32, begin = 1 : si32, length = 2 : si32, stride = 3 : si32}> : (tensor<7xf32>) -> tensor<4xf32>
  func.return %a, %b, %c, %d : tensor<2xf32>, tensor<3xf32>, tensor<6xf32>, tensor<4xf32>
}
// CHECK-LABEL: func.func @index_select(%x: tensor<7xf32>) -> (tensor<2xf32>, tensor<3xf32>, tensor<6xf32>, tensor<4xf32>) {
// CHECK-NEXT:    %a = "ttir.slice_static"(%x) <{begins = [2 : i32], ends = [4 : i32], step = [1 : i32]}> : (tensor<7xf32>) -> tensor<2xf32>
// CHECK-NEXT:    %b = "ttir.slice_static"(%x) <{begins = [1 : i32], ends = [6 : i32], step = [2 : i32]}> : (tensor<7xf32>) -> tensor<3xf32>
// CHECK-NEXT:    %c = "ttir.slice_static"(%x) <{begins = [1 : i32], ends = [7 : i32], step = [1 : i32]}> : (tensor<7xf32>) -> tensor<6xf32>
// CHECK-NEXT:    %d = "ttir.index_select"(%x) <{dim = 0 : si32, begin = 1 : si32, length = 2 : si32, stride = 3 : si32}> : (tensor<7xf32>) -> tensor<4xf32>
// CHECK-NEXT:    func.return %a, %b, %c, %d : tensor<2xf32>, tensor<3xf32>, tensor<6xf32>, tensor<4xf32>
// CHECK-NEXT:  }

// A slice of a slice is one slice.
func.func @merged(%x : tensor<20x9xf32>) -> (tensor<2x3xf32>, tensor<3x1xf32>) {
  %a = "ttir.slice_static"(%x) <{begins = [3 : i32, 8 : i32], ends = [19 : i32, 1 : i32], step = [2 : i32, -1 : i32]}> : (tensor<20x9xf32>) -> tensor<8x7xf32>
  %b = "ttir.slice_static"(%a) <{begins = [1 : i32, 1 : i32], ends = [-1 : i32, 7 : i32], step = [3 : i32, 2 : i32]}> : (tensor<8x7xf32>) -> tensor<2x3xf32>
  %c = "ttir.slice_static"(%a) <{begins = [0 : i32, 6 : i32], ends = [6 : i32, 5 : i32], step = [2 : i32, -1 : i32]}> : (tensor<8x7xf32>) -> tensor<3x1xf32>
  func.return %b, %c : tensor<2x3xf32>, tensor<3x1xf32>
}
// CHECK-LABEL: func.func @merged(%x: tensor<20x9xf32>) -> (tensor<2x3xf32>, tensor<3x1xf32>) {
// CHECK-NEXT:    %b = "ttir.slice_static"(%x) <{begins = [5 : i32, 7 : i32], ends = [12 : i32, 2 : i32], step = [6 : i32, -2 : i32]}> : (tensor<20x9xf32>) -> tensor<2x3xf32>
// CHECK-NEXT:    %c = "ttir.slice_static"(%x) <{begins = [3 : i32, 2 : i32], ends = [12 : i32, 3 : i32], step = [4 : i32, 1 : i32]}> : (tensor<20x9xf32>) -> tensor<3x1xf32>
// CHECK-NEXT:    func.return %b, %c : tensor<2x3xf32>, tensor<3x1xf32>
// CHECK-NEXT:  }

// A slice that lies in one operand of a concatenation is one of that operand, or the operand itself.
func.func @of_concat(%x : tensor<2x3xf32>, %y : tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<1x2xf32>, tensor<2x2xf32>) {
  %c = "ttir.concat"(%x, %y) <{dim = -1 : si32}> : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<2x7xf32>
  %a = "ttir.slice_static"(%c) <{begins = [0 : i32, 3 : i32], ends = [2 : i32, 7 : i32], step = [1 : i32, 1 : i32]}> : (tensor<2x7xf32>) -> tensor<2x4xf32>
  %b = "ttir.slice_static"(%c) <{begins = [1 : i32, 0 : i32], ends = [2 : i32, 3 : i32], step = [1 : i32, 2 : i32]}> : (tensor<2x7xf32>) -> tensor<1x2xf32>
  %d = "ttir.slice_static"(%c) <{begins = [0 : i32, 2 : i32], ends = [2 : i32, 4 : i32], step = [1 : i32, 1 : i32]}> : (tensor<2x7xf32>) -> tensor<2x2xf32>
  func.return %a, %b, %d : tensor<2x4xf32>, tensor<1x2xf32>, tensor<2x2xf32>
}
// CHECK-LABEL: func.func @of_concat(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<1x2xf32>, tensor<2x2xf32>) {
// CHECK-NEXT:    %c = "ttir.concat"(%x, %y) <{dim = -1 : si32}> : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<2x7xf32>
// CHECK-NEXT:    %b = "ttir.slice_static"(%x) <{begins = [1 : i32, 0 : i32], ends = [2 : i32, 3 : i32], step = [1 : i32, 2 : i32]}> : (tensor<2x3xf32>) -> tensor<1x2xf32>
// CHECK-NEXT:    %d = "ttir.slice_static"(%c) <{begins = [0 : i32, 2 : i32], ends = [2 : i32, 4 : i32], step = [1 : i32, 1 : i32]}> : (tensor<2x7xf32>) -> tensor<2x2xf32>
// CHECK-NEXT:    func.return %y, %b, %d : tensor<2x4xf32>, tensor<1x2xf32>, tensor<2x2xf32>
// CHECK-NEXT:  }

// Known bounds make a static slice, if they are in range and give the shape of the result.
func.func @dynamic(%x : tensor<4x6xf32>) -> (tensor<2x3xf32>, tensor<?x3xf32>, tensor<1x3xf32>) {
  %b = "ttir.constant"() <{value = dense<[1, -6]> : tensor<2xi32>}> : () -> tensor<2xi32>
  %e = "ttir.full"() <{shape = array<i32: 2>, fill_value = 3 : i32}> : () -> tensor<2xi32>
  %s = "ttir.slice_dynamic"(%x, %b, %e) : (tensor<4x6xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<2x3xf32>
  %t = "ttir.slice_dynamic"(%x, %b, %e) <{step = [1 : i32, 1 : i32]}> : (tensor<4x6xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<?x3xf32>
  %u = "ttir.slice_dynamic"(%x, %b, %e) : (tensor<4x6xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<1x3xf32>
  func.return %s, %t, %u : tensor<2x3xf32>, tensor<?x3xf32>, tensor<1x3xf32>
}
// CHECK-LABEL: func.func @dynamic(%x: tensor<4x6xf32>) -> (tensor<2x3xf32>, tensor<?x3xf32>, tensor<1x3xf32>) {
// CHECK-NEXT:    %b = "ttir.constant"() <{value = dense<[1, -6]> : tensor<2xi32>}> : () -> tensor<2xi32>
// CHECK-NEXT:    %e = "ttir.full"() <{shape = array<i32: 2>, fill_value = 3 : i32}> : () -> tensor<2xi32>
// CHECK-NEXT:    %s = "ttir.slice_static"(%x) <{begins = [1 : i32, -6 : i32], ends = [3 : i32, 3 : i32], step = [1 : i32, 1 : i32]}> : (tensor<4x6xf32>) -> tensor<2x3xf32>
// CHECK-NEXT:    %t = "ttir.slice_static"(%x) <{begins = [1 : i32, -6 : i32], ends = [3 : i32, 3 : i32], step = [1 : i32, 1 : i32]}> : (tensor<4x6xf32>) -> tensor<?x3xf32>
// CHECK-NEXT:    %u = "ttir.slice_dynamic"(%x, %b, %e) : (tensor<4x6xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<1x3xf32>
// CHECK-NEXT:    func.return %s, %t, %u : tensor<2x3xf32>, tensor<?x3xf32>, tensor<1x3xf32>
// CHECK-NEXT:  }
