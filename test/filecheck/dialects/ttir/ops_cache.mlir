// RUN: tt-opt %s | filecheck %s
// RUN: tt-opt %s -p 'dce,cse,canonicalize' | filecheck %s

// Ops that write into a cache in place: they have no results, and no pass takes them for dead or merges equal ones.

func.func @caches(%c: tensor<4x2x16x8xf32>, %p: tensor<9x2x32x8xf32>, %x: tensor<1x2x4x8xf32>, %i: tensor<1xi32>, %u: tensor<1x3x2x8xf32>, %is: tensor<3xi32>, %t: tensor<3x5xi32>) {
  "ttir.fill_cache"(%c, %x) {batch_offset = 0 : i32} : (tensor<4x2x16x8xf32>, tensor<1x2x4x8xf32>) -> ()
  "ttir.update_cache"(%c, %x, %i) <{batch_offset = 0 : i32}> : (tensor<4x2x16x8xf32>, tensor<1x2x4x8xf32>, tensor<1xi32>) -> ()
  "ttir.update_cache"(%c, %x, %i) <{batch_offset = 0 : i32}> : (tensor<4x2x16x8xf32>, tensor<1x2x4x8xf32>, tensor<1xi32>) -> ()
  "ttir.paged_update_cache"(%c, %u, %is) <{share_cache = false}> : (tensor<4x2x16x8xf32>, tensor<1x3x2x8xf32>, tensor<3xi32>) -> ()
  "ttir.paged_update_cache"(%p, %u, %is, %t) <{share_cache = true}> : (tensor<9x2x32x8xf32>, tensor<1x3x2x8xf32>, tensor<3xi32>, tensor<3x5xi32>) -> ()
  "ttir.paged_fill_cache"(%p, %x, %t) : (tensor<9x2x32x8xf32>, tensor<1x2x4x8xf32>, tensor<3x5xi32>) -> ()
  "ttir.paged_fill_cache"(%p, %x, %t, %i) : (tensor<9x2x32x8xf32>, tensor<1x2x4x8xf32>, tensor<3x5xi32>, tensor<1xi32>) -> ()
  func.return
}
// CHECK-LABEL: func.func @caches
// CHECK-NEXT:    "ttir.fill_cache"(%c, %x) <{batch_offset = 0 : i32}> : (tensor<4x2x16x8xf32>, tensor<1x2x4x8xf32>) -> ()
// CHECK-NEXT:    "ttir.update_cache"(%c, %x, %i) <{batch_offset = 0 : i32}> : (tensor<4x2x16x8xf32>, tensor<1x2x4x8xf32>, tensor<1xi32>) -> ()
// CHECK-NEXT:    "ttir.update_cache"(%c, %x, %i) <{batch_offset = 0 : i32}> : (tensor<4x2x16x8xf32>, tensor<1x2x4x8xf32>, tensor<1xi32>) -> ()
// CHECK-NEXT:    "ttir.paged_update_cache"(%c, %u, %is) <{share_cache = false}> : (tensor<4x2x16x8xf32>, tensor<1x3x2x8xf32>, tensor<3xi32>) -> ()
// CHECK-NEXT:    "ttir.paged_update_cache"(%p, %u, %is, %t) <{share_cache = true}> : (tensor<9x2x32x8xf32>, tensor<1x3x2x8xf32>, tensor<3xi32>, tensor<3x5xi32>) -> ()
// CHECK-NEXT:    "ttir.paged_fill_cache"(%p, %x, %t) : (tensor<9x2x32x8xf32>, tensor<1x2x4x8xf32>, tensor<3x5xi32>) -> ()
// CHECK-NEXT:    "ttir.paged_fill_cache"(%p, %x, %t, %i) : (tensor<9x2x32x8xf32>, tensor<1x2x4x8xf32>, tensor<3x5xi32>, tensor<1xi32>) -> ()
// CHECK-NEXT:    func.return
