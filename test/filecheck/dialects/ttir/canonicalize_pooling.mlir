// RUN: tt-opt %s -p canonicalize | filecheck %s

// Poolings.

// Windows of single elements, each of them once, are the input: dilation has no meaning there.
func.func @identities(%x : tensor<1x8x9x4xbf16>) -> (tensor<1x8x9x4xbf16>) {
  %a = "ttir.avg_pool2d"(%x) <{kernel = 1 : i32, stride = 1 : i32, dilation = 1 : i32, padding = 0 : i32, ceil_mode = false}> : (tensor<1x8x9x4xbf16>) -> tensor<1x8x9x4xbf16>
  %b = "ttir.max_pool2d"(%a) <{kernel = array<i32: 1, 1>, stride = array<i32: 1, 1>, dilation = array<i32: 2, 1>, padding = array<i32: 0, 0, 0, 0>, ceil_mode = true}> : (tensor<1x8x9x4xbf16>) -> tensor<1x8x9x4xbf16>
  func.return %b : tensor<1x8x9x4xbf16>
}
// CHECK-LABEL: func.func @identities(%x: tensor<1x8x9x4xbf16>) -> tensor<1x8x9x4xbf16> {
// CHECK-NEXT:    func.return %x : tensor<1x8x9x4xbf16>
// CHECK-NEXT:  }

// A stride, a padding or another element type make a difference.
func.func @no_identities(%x : tensor<1x8x9x4xbf16>) -> (tensor<1x4x9x4xbf16>, tensor<1x8x11x4xbf16>, tensor<1x8x9x4xf32>) {
  %a = "ttir.max_pool2d"(%x) <{kernel = 1 : i32, stride = array<i32: 2, 1>, dilation = 1 : i32, padding = 0 : i32, ceil_mode = false}> : (tensor<1x8x9x4xbf16>) -> tensor<1x4x9x4xbf16>
  %b = "ttir.avg_pool2d"(%x) <{kernel = 1 : i32, stride = 1 : i32, dilation = 1 : i32, padding = array<i32: 0, 1>, ceil_mode = false}> : (tensor<1x8x9x4xbf16>) -> tensor<1x8x11x4xbf16>
  %c = "ttir.max_pool2d"(%x) <{kernel = 1 : i32, stride = 1 : i32, dilation = 1 : i32, padding = 0 : i32, ceil_mode = false}> : (tensor<1x8x9x4xbf16>) -> tensor<1x8x9x4xf32>
  func.return %a, %b, %c : tensor<1x4x9x4xbf16>, tensor<1x8x11x4xbf16>, tensor<1x8x9x4xf32>
}
// CHECK-LABEL: func.func @no_identities
// CHECK-NEXT:    %a = "ttir.max_pool2d"
// CHECK-NEXT:    %b = "ttir.avg_pool2d"
// CHECK-NEXT:    %c = "ttir.max_pool2d"
// CHECK-NEXT:    func.return %a, %b, %c
