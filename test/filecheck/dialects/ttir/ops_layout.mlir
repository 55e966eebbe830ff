// RUN: tt-opt %s | filecheck %s
// RUN: tt-opt %s --print-op-generic | filecheck %s --check-prefix=GENERIC

// The two ops with an assembly format of their own.

func.func @layout(%x : tensor<32x32xbf16>) {
  %e = ttir.empty() {kept} : tensor<32x32xf32>
  %l = ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32> -> tensor<32x32xf32>
  %h = ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32> hostInfo = "layout" {kept} -> tensor<32x32xf32>
  ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32>
  %g = "ttir.to_layout"(%x, %e) {layout = "layout"} : (tensor<32x32xbf16>, tensor<32x32xf32>) -> tensor<32x32xf32>
  func.return
}
// CHECK-LABEL: func.func @layout(%x: tensor<32x32xbf16>) {
// CHECK-NEXT:    %e = ttir.empty() {kept} : tensor<32x32xf32>
// CHECK-NEXT:    %l = ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32> -> tensor<32x32xf32>
// CHECK-NEXT:    %h = ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32> hostInfo = "layout" {kept} -> tensor<32x32xf32>
// CHECK-NEXT:    ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32>
// CHECK-NEXT:    %g = ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32> hostInfo = "layout" -> tensor<32x32xf32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

// GENERIC:      %e = "ttir.empty"() {kept} : () -> tensor<32x32xf32>
// GENERIC-NEXT: %l = "ttir.to_layout"(%x, %e) : (tensor<32x32xbf16>, tensor<32x32xf32>) -> tensor<32x32xf32>
// GENERIC-NEXT: %h = "ttir.to_layout"(%x, %e) <{layout = "layout"}> {kept} : (tensor<32x32xbf16>, tensor<32x32xf32>) -> tensor<32x32xf32>
// GENERIC-NEXT: "ttir.to_layout"(%x, %e) : (tensor<32x32xbf16>, tensor<32x32xf32>) -> ()
